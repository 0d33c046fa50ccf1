import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Verdict } from '../iam/iam.ts';
import { sendJson } from './body.ts';
import { identify, identifyForm } from './identify.ts';
import { close, isLocalHost, listen } from './loopback.ts';
import { AwsError, type AwsService } from './service.ts';

export interface GatewayOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** The services by signing name: `s3`, `dynamodb`, `events`, `sqs`, … */
  readonly services: Readonly<Record<string, AwsService>>;
  /** Told of every request before it is served. */
  readonly onRequest?: () => void;
  /** May the key's role do this? */
  readonly judge: (accessKeyId: string | undefined, action: string, resourceArn: string) => Verdict;
}

export interface Gateway {
  readonly port: number;
  /** `http://127.0.0.1:PORT`; an address, not `localhost`, keeps the SDKs from `bucket.localhost`. */
  readonly endpointUrl: string;
  /** Ends all connections; may be called again. */
  close(): Promise<void>;
}

/** S3 bodies may take long, and a debugger longer: Node's five minutes per request do not apply. */
const NO_TIMEOUT = 0;
/** Longer than the SDKs keep an idle socket, so that it is always they who close it. */
const KEEP_ALIVE_MS = 120_000;
/** Enough of a form to find its `Version`, which every client writes among the first fields. */
const FORM_PEEK_BYTES = 64 * 1024;

/**
 * One port for all AWS services. A request's service is read from its signature, never checked:
 * whichever program reaches the port of a laptop's stack is the laptop's owner's.
 * @throws BootError `PortInUse`
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const server = createServer((request, response) => {
    serve(options, request, response).catch((error) => answerFailure(response, error));
  });
  server.requestTimeout = NO_TIMEOUT;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });

  const port = await listen(server, options.port);
  return { port, endpointUrl: `http://127.0.0.1:${port}`, close: () => close(server) };
}

async function serve(
  options: GatewayOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A client that hangs up mid-upload is its service's business; unheard, it would end the process.
  request.on('error', () => {});
  response.on('error', () => {});

  refuseStrangers(request);
  options.onRequest?.();
  const identity =
    identify(request.method ?? 'GET', parseUrl(request.url), request.headers) ??
    identifyForm(await peek(request, FORM_PEEK_BYTES));
  if (identity.service === 'health') return sendJson(response, 200, { status: 'ok' });
  const service = Object.hasOwn(options.services, identity.service)
    ? options.services[identity.service]
    : undefined;
  if (!service) {
    throw new AwsError(
      'UnknownOperationException',
      `The embedded stack has no service "${identity.service}".`,
      501,
    );
  }

  const hangUp = new AbortController();
  response.on('close', () => hangUp.abort());
  await service.handle(request, response, {
    signal: hangUp.signal,
    accessKeyId: identity.accessKeyId,
    traceHeader: traceHeader(request),
    authorize(action, resourceArn) {
      const verdict = options.judge(identity.accessKeyId, action, resourceArn);
      if (verdict.allowed) return;
      throw new AwsError(denialCode(request), verdict.reason ?? 'Access Denied', 403);
    },
  });
}

/**
 * A web page must not use the browser to reach through to the laptop: neither by a form that posts
 * here, nor by a name of its own that it makes point to 127.0.0.1.
 */
function refuseStrangers({ method, headers }: IncomingMessage): void {
  const isRead = ['GET', 'HEAD', 'OPTIONS'].includes(method ?? '');
  if (isLocalHost(headers.host) && (isRead || !headers.origin)) return;
  throw new AwsError('AccessDenied', 'The embedded stack serves programs of this machine.', 403);
}

/** The JSON services and the others disagree on the name of the same refusal. */
function denialCode(request: IncomingMessage): string {
  return request.headers['x-amz-target'] ? 'AccessDeniedException' : 'AccessDenied';
}

function parseUrl(path = '/'): URL {
  try {
    // Concatenated, not resolved: the path `//x` is a key, and must not become a host.
    return new URL(`http://gateway${path}`);
  } catch (cause) {
    throw new AwsError('InvalidURI', `Could not parse the request's path: ${cause}`);
  }
}

function traceHeader(request: IncomingMessage): string | undefined {
  const value = request.headers['x-amzn-trace-id'];
  return Array.isArray(value) ? value[0] : value;
}

/** The beginning of a body, put back so that the service reads all of it. */
async function peek(request: IncomingMessage, maxBytes: number): Promise<string> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > maxBytes) return '';
  await once(request, 'readable');
  const start = request.read() as Buffer | null;
  if (!start) return '';
  request.unshift(start);
  return start.toString('utf8');
}

function answerFailure(response: ServerResponse, error: unknown): void {
  const known = error instanceof AwsError ? error : undefined;
  if (!known) console.error(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  sendJson(response, known?.statusCode ?? 500, {
    __type: known?.code ?? 'InternalFailure',
    message: error instanceof Error ? error.message : String(error),
  });
}
