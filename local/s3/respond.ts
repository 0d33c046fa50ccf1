import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../gateway/service.ts';
import { s3Error } from './errors.ts';
import { errorCode } from './files.ts';
import type { FileSlice, S3Response } from './operation.ts';
import { xmlDocument } from './xml.ts';

/** Who asked, for the answer. */
interface Asked {
  readonly requestId: string;
  readonly method: string | undefined;
  /** The path, for error documents. */
  readonly resource: string;
}

/** Sends an answer, and closes the file its body comes from. */
export async function send(
  response: ServerResponse,
  answer: S3Response,
  asked: Asked,
): Promise<void> {
  const { status = 200, headers = {}, body } = answer;
  try {
    for (const [name, value] of Object.entries({ ...headers, ...requestIds(asked) })) {
      response.setHeader(name, value);
    }
    response.statusCode = status;
    if (typeof body === 'string') {
      response.setHeader('content-type', 'application/xml');
      response.setHeader('content-length', Buffer.byteLength(body));
      response.end(body);
    } else if (body && body.sizeBytes > 0) {
      await sendSlice(response, body);
    } else {
      response.end();
    }
  } finally {
    if (typeof body === 'object') await body.file.close();
  }
}

/** Sends an error as S3 does; what is no AwsError is logged and becomes `InternalError`. */
export function sendError(response: ServerResponse, error: unknown, asked: Asked): void {
  const clientIsGone = errorCode(error) === 'ECONNRESET';
  if (!(error instanceof AwsError) && !clientIsGone) console.error(error);
  if (response.headersSent) {
    // The client must not take half an object for a whole one.
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const known = error instanceof AwsError ? error : s3Error('InternalError');
  const body = xmlDocument('Error', {
    Code: known.code,
    Message: known.message,
    Resource: asked.resource,
    RequestId: asked.requestId,
    HostId: asked.requestId,
  });
  response.writeHead(known.statusCode, {
    ...requestIds(asked),
    ...(asked.method !== 'HEAD' && { 'content-type': 'application/xml' }),
  });
  response.end(asked.method === 'HEAD' ? undefined : body);
}

function requestIds({ requestId }: Asked): Record<string, string> {
  return { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId };
}

async function sendSlice(response: ServerResponse, slice: FileSlice): Promise<void> {
  const { start, sizeBytes } = slice;
  const bytes = slice.file.createReadStream({
    start,
    end: start + sizeBytes - 1,
    autoClose: false,
  });
  try {
    await pipeline(bytes, response);
  } catch (error) {
    if (errorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error; // the client hung up
  }
}
