# syntax=docker/dockerfile:1
#
# The exporter on a small image without a shell or a package manager.
#
#   docker build -t damon-exporter .
#   docker run --rm -p 10077:10077 damon-exporter serve --source simulator
#
# What it takes to reach this machine's DAMON: docs/install.md.
ARG NODE_MAJOR=24

FROM node:${NODE_MAJOR}-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build
# Pictures are drawn where records are read; here their library would be a third of the image.
RUN npm prune --omit=dev --no-audit --no-fund && rm -rf node_modules/@napi-rs

FROM gcr.io/distroless/nodejs${NODE_MAJOR}-debian12:nonroot
LABEL org.opencontainers.image.title="damon-exporter" \
      org.opencontainers.image.description="Prometheus and OpenTelemetry exporter for Linux DAMON" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
COPY --from=build /src/package.json /src/LICENSE /app/
COPY --from=build /src/node_modules /app/node_modules
COPY --from=build /src/config /app/config
COPY --from=build /src/dist /app/dist
WORKDIR /app
USER 65532:65532
EXPOSE 10077
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:10077/-/healthy').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "/app/dist/cli/main.js"]
CMD ["serve"]
