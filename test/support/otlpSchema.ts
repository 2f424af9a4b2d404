import { join } from 'node:path';
import protobuf from 'protobufjs';
import type { OtlpRequest } from './otlpRequest.ts';

const SCHEMA_DIR = join(import.meta.dirname, '../fixtures/opentelemetry-proto');
const REQUEST = 'opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest';

function loadRequestType(): protobuf.Type {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => join(SCHEMA_DIR, target);
  root.loadSync('opentelemetry/proto/collector/metrics/v1/metrics_service.proto');
  root.resolveAll();
  return root.lookupType(REQUEST);
}

const requestType = loadRequestType();

function toPlain(message: protobuf.Message): OtlpRequest {
  return requestType.toObject(message, { longs: String, enums: String }) as OtlpRequest;
}

/** A protobuf body as the schema reads it. */
export function decodeProtobuf(body: Uint8Array): OtlpRequest {
  return toPlain(requestType.decode(body));
}

/** How JSON writes the scalars that metrics use. Source: OTLP specification, "JSON Protobuf Encoding". */
const IS_SCALAR: Readonly<Record<string, (value: unknown) => boolean>> = {
  double: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  uint32: Number.isSafeInteger,
  fixed64: (value) => typeof value === 'string' && /^\d+$/.test(value),
};

function checkValue({ type, resolvedType }: protobuf.Field, value: unknown, path: string): void {
  if (resolvedType instanceof protobuf.Type) {
    checkMessage(resolvedType, value, path);
    return;
  }
  const isRight =
    resolvedType instanceof protobuf.Enum
      ? Object.values(resolvedType.values).includes(value as number)
      : IS_SCALAR[type]?.(value);
  if (isRight !== true) throw new Error(`${path}: ${JSON.stringify(value)} is no ${type}`);
}

function checkMessage(type: protobuf.Type, value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${path}: no ${type.name}`);
  }
  for (const [name, part] of Object.entries(value)) {
    const field = type.fields[name];
    if (field === undefined) throw new Error(`${path}.${name}: ${type.name} has no such field`);
    if (!field.repeated) checkValue(field, part, `${path}.${name}`);
    else if (!Array.isArray(part)) throw new Error(`${path}.${name}: no array`);
    else {
      part.forEach((item, index) => {
        checkValue(field, item, `${path}.${name}[${index}]`);
      });
    }
  }
}

/**
 * A JSON body, checked against the schema: names of fields, types, nothing unknown. Whole numbers of
 * 64 bits are taken digit by digit, as a reader with such numbers takes them.
 *
 * @throws Error for the first thing that the schema does not allow.
 */
export function decodeJson(body: string): OtlpRequest {
  const quoted = body.replace(/"(?:count|bucketCounts)":(?:\d+|\[[\d,]*\])(?=[,}])/g, (counts) =>
    counts.replace(/\d+/g, '"$&"'),
  );
  const value = JSON.parse(quoted) as Record<string, unknown>;
  checkMessage(requestType, value, 'request');
  return toPlain(requestType.fromObject(value));
}
