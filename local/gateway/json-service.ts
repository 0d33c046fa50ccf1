import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AwsCall, AwsError, type AwsService } from './service.ts';

/** One operation of a service that speaks AWS JSON 1.0/1.1: input and output as in the API reference. */
// biome-ignore lint/suspicious/noExplicitAny: each operation validates and types its own input
export type JsonOperation = (input: any, call: AwsCall) => Promise<object> | object;

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/**
 * A service that speaks AWS JSON: the operation is the part of `X-Amz-Target` behind the last dot,
 * the body is JSON both ways, errors travel as `__type` (the SDKs' and the CLI's common ground).
 */
export function jsonService(operations: Record<string, JsonOperation>): AwsService {
  return {
    async handle(request, response, call) {
      try {
        const name =
          String(request.headers['x-amz-target'] ?? '')
            .split('.')
            .pop() ?? '';
        const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
        if (!operation) {
          throw new AwsError(
            'UnknownOperationException',
            `The embedded stack does not implement ${name || 'this operation'}.`,
          );
        }
        send(response, 200, await operation(await readJson(request), call));
      } catch (error) {
        const known = error instanceof AwsError ? error : undefined;
        if (!known) console.error(error);
        send(response, known?.statusCode ?? 500, {
          __type: known?.code ?? 'InternalFailure',
          message: error instanceof Error ? error.message : String(error),
        });
      }
    },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) {
      throw new AwsError('RequestEntityTooLargeException', 'The request body is too large.', 413);
    }
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw new AwsError('SerializationException', `The request body is not JSON: ${cause}`);
  }
}

function send(response: ServerResponse, statusCode: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(statusCode, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
  });
  response.end(text);
}
