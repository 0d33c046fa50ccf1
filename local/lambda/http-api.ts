import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AwsCall, AwsError } from '../gateway/service.ts';
import type { FunctionConfig } from './function-config.ts';
import type { LambdaService } from './index.ts';

/** Lambda's own limit for synchronous payloads, the larger of the two. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

interface HttpAnswer {
  statusCode: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Lambda's REST API (2015-03-31), as far as `aws lambda invoke`, `list-functions` and `get-function*` go. */
export async function handleHttp(
  lambda: LambdaService,
  request: IncomingMessage,
  response: ServerResponse,
  call: AwsCall,
): Promise<void> {
  try {
    send(response, await answer(lambda, request, call));
  } catch (error) {
    const known = error instanceof AwsError ? error : undefined;
    if (!known) console.error(error);
    const message = error instanceof Error ? error.message : String(error);
    send(response, {
      statusCode: known?.statusCode ?? 500,
      headers: { 'x-amzn-errortype': known?.code ?? 'ServiceException' },
      body: {
        Type: known && known.statusCode < 500 ? 'User' : 'Service',
        Message: message,
        message,
        ...(known?.statusCode === 429
          ? { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' }
          : {}),
      },
    });
  }
}

async function answer(
  lambda: LambdaService,
  request: IncomingMessage,
  call: AwsCall,
): Promise<HttpAnswer> {
  const { pathname } = new URL(request.url ?? '/', 'http://lambda');
  const [version, functions, name, action, ...rest] = pathname
    .split('/')
    .slice(1)
    .filter((part, at, all) => part !== '' || at < all.length - 1)
    .map(decodeURIComponent);
  const route = `${request.method} ${action ?? ''}`;
  if (version === '2015-03-31' && functions === 'functions' && rest.length === 0) {
    if (name === undefined && request.method === 'GET') {
      call.authorize('lambda:ListFunctions', '*');
      return { statusCode: 200, body: { Functions: lambda.list().map(configuration) } };
    }
    if (name !== undefined && route === 'POST invocations') {
      return invoke(lambda, lambda.describe(name), request, call);
    }
    if (name !== undefined && (route === 'GET ' || route === 'GET configuration')) {
      const config = lambda.describe(name);
      call.authorize('lambda:GetFunction', config.functionArn);
      return { statusCode: 200, body: action ? configuration(config) : description(config) };
    }
  }
  throw new AwsError(
    'UnknownOperationException',
    `The embedded Lambda does not implement ${request.method} ${pathname}.`,
    404,
  );
}

async function invoke(
  lambda: LambdaService,
  config: FunctionConfig,
  request: IncomingMessage,
  call: AwsCall,
): Promise<HttpAnswer> {
  call.authorize('lambda:InvokeFunction', config.functionArn);
  const { traceHeader } = call;
  const payload = await readPayload(request);
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  switch (type) {
    case 'DryRun':
      return { statusCode: 204 };
    case 'Event': {
      const { requestId } = await lambda.invokeAsync(config.functionName, payload, { traceHeader });
      return { statusCode: 202, headers: { 'x-amzn-requestid': requestId } };
    }
    case 'RequestResponse': {
      const clientContext = readClientContext(request);
      const result = await lambda.invoke(config.functionName, payload, {
        traceHeader,
        clientContext,
      });
      const tail = request.headers['x-amz-log-type'] === 'Tail';
      return {
        statusCode: 200,
        body: result.payload,
        headers: {
          'x-amzn-requestid': result.requestId,
          'x-amz-executed-version': '$LATEST',
          ...(result.functionError ? { 'x-amz-function-error': result.functionError } : {}),
          ...(tail ? { 'x-amz-log-result': Buffer.from(result.logTail).toString('base64') } : {}),
        },
      };
    }
    default:
      throw new AwsError(
        'InvalidParameterValueException',
        `Unknown invocation type ${type}: use RequestResponse, Event or DryRun.`,
      );
  }
}

async function readPayload(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_PAYLOAD_BYTES) {
      throw new AwsError('RequestTooLargeException', 'The payload exceeds 6 MB.', 413);
    }
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${cause}`,
    );
  }
}

function readClientContext(request: IncomingMessage): unknown {
  const header = request.headers['x-amz-client-context'];
  if (header === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(String(header), 'base64').toString('utf8'));
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Client context must be base64 of JSON.');
  }
}

function configuration(config: FunctionConfig): object {
  return {
    FunctionName: config.functionName,
    FunctionArn: config.functionArn,
    Runtime: 'nodejs22.x',
    Handler: config.handler,
    Timeout: config.timeoutSeconds,
    MemorySize: config.memoryMb,
    Version: '$LATEST',
    PackageType: 'Zip',
    State: 'Active',
    Environment: { Variables: config.environment },
    TracingConfig: { Mode: config.tracing ? 'Active' : 'PassThrough' },
  };
}

function description(config: FunctionConfig): object {
  const { reservedConcurrency } = config;
  return {
    Configuration: configuration(config),
    Code: { RepositoryType: 'directory', Location: config.codeDir },
    ...(reservedConcurrency === undefined
      ? {}
      : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
  };
}

function send(response: ServerResponse, answer: HttpAnswer): void {
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  response.writeHead(answer.statusCode, {
    'content-type': 'application/json',
    'x-amzn-requestid': randomUUID(),
    ...(answer.statusCode === 204 ? {} : { 'content-length': Buffer.byteLength(text) }),
    ...answer.headers,
  });
  response.end(text);
}
