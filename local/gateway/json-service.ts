import type { IncomingMessage } from 'node:http';
import { readBody, sendJson } from './body.ts';
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
        sendJson(response, 200, await operation(await readJson(request), call));
      } catch (error) {
        const known = error instanceof AwsError ? error : undefined;
        if (!known) console.error(error);
        sendJson(response, known?.statusCode ?? 500, {
          __type: known?.code ?? 'InternalFailure',
          message: error instanceof Error ? error.message : String(error),
        });
      }
    },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = (await readBody(request, MAX_BODY_BYTES)).toString('utf8');
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw new AwsError('SerializationException', `The request body is not JSON: ${cause}`);
  }
}
