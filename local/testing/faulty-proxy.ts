import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request to S3 on its way. */
export interface PassingRequest {
  /** As the API reference calls it: `PutObject`. */
  readonly operation: string;
  /** `/bucket/key`, decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * What may happen to a request: it is answered in S3's name and never gets there, its connection breaks, nobody
 * answers, or a byte of what was sent or of what comes back is not what it was.
 */
export type Mishap =
  | { readonly status: number; readonly code: string }
  | 'reset'
  | 'no answer'
  | 'damaged'
  | 'damaged answer';

/** Stands between S3 and whoever calls it. */
export interface FaultyProxy {
  /** To be called instead of S3. */
  readonly url: string;
  /** All that have come so far, in order. */
  readonly requests: PassingRequest[];
  /** Asked for each request; by default, nothing happens to any. */
  mishap: (request: PassingRequest) => Mishap | undefined;
  close(): Promise<void>;
}

/** @param target URL of the S3 that requests are passed on to; asked for each of them */
export async function startFaultyProxy(target: () => string): Promise<FaultyProxy> {
  const server = createServer(async (request, response) => {
    const sent = await buffer(request).catch(() => undefined);
    if (!sent) return;
    const passing = readRequest(request);
    proxy.requests.push(passing);
    const mishap = proxy.mishap(passing);
    if (mishap === 'no answer') return;
    if (mishap === 'reset') return void request.socket.resetAndDestroy();
    if (typeof mishap === 'object') {
      response.writeHead(mishap.status, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>${mishap.code}</Code><Message>as arranged</Message></Error>`);
      return;
    }
    const content = mishap === 'damaged' ? damaged(sent) : sent;
    const passed = await passOn(target(), request, content).catch(() => undefined);
    if (!passed) return void request.socket.destroy();
    const { answer, body } = passed;
    response.writeHead(answer.statusCode!, answer.headers);
    response.end(mishap === 'damaged answer' ? damaged(body) : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    mishap: () => undefined,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}

function readRequest({ method = '', url = '', headers }: IncomingMessage): PassingRequest {
  const { pathname, searchParams: query } = new URL(url, 'http://s3');
  const operation = operationOf(method, query);
  return { operation, path: decodeURIComponent(pathname), query, headers };
}

function operationOf(method: string, query: URLSearchParams): string {
  switch (method) {
    case 'PUT':
      return query.has('partNumber') ? 'UploadPart' : 'PutObject';
    case 'POST':
      if (query.has('uploads')) return 'CreateMultipartUpload';
      return query.has('uploadId') ? 'CompleteMultipartUpload' : 'DeleteObjects';
    case 'DELETE':
      return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'HEAD':
      return 'HeadObject';
    default:
      return query.has('list-type') ? 'ListObjectsV2' : 'GetObject';
  }
}

async function passOn(target: string, { method, url, headers }: IncomingMessage, sent: Buffer) {
  const { expect: _, 'transfer-encoding': __, ...kept } = headers;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(`${target}${url}`, {
      method,
      headers: { ...kept, 'content-length': sent.length },
    })
      .on('response', resolve)
      .on('error', reject)
      .end(sent);
  });
  return { answer, body: await buffer(answer) };
}

/** The same, but for one bit in the middle. */
function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = copy.length >> 1;
  copy[middle] = copy[middle]! ^ 1;
  return copy;
}
