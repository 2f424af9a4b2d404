import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface ReceivedPush {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed. */
  readonly body: Buffer;
}

/** Answers a push; `index` counts from 0. */
export type Answer = (response: ServerResponse, index: number) => void;

export interface OtlpReceiver {
  readonly url: string;
  readonly pushes: readonly ReceivedPush[];
  close(): void;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks = (await request.toArray()) as Buffer[];
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

/** Takes pushes on a free loopback port; as long as nothing else is said, all is well. */
export async function startOtlpReceiver(
  answer: Answer = (response) => response.end(),
): Promise<OtlpReceiver> {
  const pushes: ReceivedPush[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      pushes.push({ path: request.url ?? '', headers: request.headers, body });
      answer(response, pushes.length - 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pushes,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
