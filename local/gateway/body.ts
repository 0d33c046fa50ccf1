import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from './service.ts';

/**
 * Reads a whole request body into memory, for the protocols whose messages are small.
 * @throws AwsError `RequestEntityTooLargeException`, HTTP 413
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBytes) {
      throw new AwsError('RequestEntityTooLargeException', 'The request body is too large.', 413);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Answers with JSON under the content type of the AWS JSON protocols. */
export function sendJson(response: ServerResponse, statusCode: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(statusCode, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
  });
  response.end(text);
}
