import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '../gateway/service.ts';
import { s3Error } from './errors.ts';
import { errorCode } from './files.ts';
import type { FileSlice, S3Response } from './operation.ts';
import { XML_DECLARATION, xmlError } from './xml.ts';

/** Who asked, for the answer. */
export interface Asked {
  readonly requestId: string;
  readonly method: string | undefined;
  /** The path, for error documents. */
  readonly resource: string;
  /** For a page of another origin. */
  cors?: Readonly<Record<string, string>>;
}

/**
 * Sends an answer, and closes the file its body comes from.
 * @param patienceMs how long the client waits for the answer to begin
 */
export async function send(
  response: ServerResponse,
  answer: S3Response,
  asked: Asked,
  patienceMs: number,
): Promise<void> {
  const { status = 200, headers = {} } = answer;
  const late = answer.body instanceof Promise ? answer.body : undefined;
  const body = answer.body instanceof Promise ? await inTime(answer.body, patienceMs) : answer.body;
  try {
    for (const [name, value] of Object.entries({ ...headers, ...headersFor(asked) })) {
      response.setHeader(name, value);
    }
    response.statusCode = status;
    if (typeof body === 'string') {
      response.setHeader('content-type', 'application/xml');
      response.setHeader('content-length', Buffer.byteLength(body));
      response.end(body);
    } else if (late) {
      await sendLate(response, late, asked, patienceMs);
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
  const { statusCode, body } = errorDocument(error, asked);
  response.writeHead(statusCode, {
    ...headersFor(asked),
    ...(asked.method !== 'HEAD' && { 'content-type': 'application/xml' }),
  });
  response.end(asked.method === 'HEAD' ? undefined : body);
}

function errorDocument(error: unknown, { resource, requestId }: Asked) {
  const { statusCode, code, message } =
    error instanceof AwsError ? error : s3Error('InternalError');
  const body = xmlError({
    Code: code,
    Message: message,
    Resource: resource,
    RequestId: requestId,
    HostId: requestId,
  });
  return { statusCode, body };
}

const inTime = (body: Promise<string>, patienceMs: number): Promise<string | undefined> =>
  Promise.race([body, sleep(patienceMs, undefined, { ref: false })]);

/**
 * As S3 does while it completes an upload: the head says 200, white space keeps the client from giving up, and
 * what comes then may still be an error.
 */
async function sendLate(
  response: ServerResponse,
  body: Promise<string>,
  asked: Asked,
  patienceMs: number,
): Promise<void> {
  response.setHeader('content-type', 'application/xml');
  response.write(XML_DECLARATION);
  const keepingBusy = setInterval(() => response.write(' '), patienceMs);
  try {
    const text = await body.catch((error: unknown) => {
      if (!(error instanceof AwsError)) console.error(error);
      return errorDocument(error, asked).body;
    });
    response.end(text.slice(XML_DECLARATION.length));
  } finally {
    clearInterval(keepingBusy);
  }
}

function headersFor({ requestId, cors }: Asked): Record<string, string> {
  return { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId, ...cors };
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
