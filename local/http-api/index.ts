import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { close, isLocalHost, listen } from '../gateway/loopback.ts';
import { type AccessLog, createAccessLog, type Trail } from './access-log.ts';
import { type Answer, errorAnswer } from './answer.ts';
import { type Api, createApi, type Integrations } from './api.ts';
import { ApiError } from './api-error.ts';
import type { ApiDefinition } from './definition.ts';
import { readRequest } from './request.ts';

export type { ApiDefinition, Cors, JwtAuthorizer, Route } from './definition.ts';

export interface HttpApiOptions extends Integrations {
  /** 0 takes any free port. */
  readonly port: number;
  /** Where the access log goes. */
  readonly accessLogPath: string;
  /** Told of every request before it is served. */
  readonly onRequest?: () => void;
}

/** API Gateway's HTTP API on a port of its own, so that paths are those of `https://<id>.execute-api…`. */
export interface HttpApi {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /**
   * Puts an API behind the port, which answers `Not Found` before.
   * @throws Error when a route key is malformed, or there twice
   */
  serve(definition: ApiDefinition): void;
  /** Ends all connections; may be called again. */
  close(): Promise<void>;
}

/** Quota "Total combined size of request line and header values". */
const MAX_HEADER_BYTES = 10_240;

/** @throws BootError `PortInUse` */
export async function startHttpApi(options: HttpApiOptions): Promise<HttpApi> {
  let api: Api = async () => errorAnswer(new ApiError(404, 'Not Found'));
  let log: AccessLog = () => {};

  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (message, response) => {
    // A client that hangs up must not end the process.
    message.on('error', () => {});
    response.on('error', () => {});
    options.onRequest?.();
    serveRequest(message, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  const port = await listen(server, options.port);

  async function serveRequest(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const trail: Trail = {};
    try {
      if (!isLocalHost(message.headers.host)) throw new ApiError(403, 'Forbidden');
      const request = readRequest(message);
      const answer = await api(request, trail);
      send(response, answer, request.requestId);
      log(request, answer, trail);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      send(response, errorAnswer(error));
    }
  }

  return {
    url: `http://127.0.0.1:${port}`,
    serve(definition) {
      const { apiId, accessLogFormat } = definition;
      api = createApi(definition, options);
      const identity = { apiId, accountId: options.accountId };
      log = createAccessLog(accessLogFormat, options.accessLogPath, identity);
    },
    close: () => close(server),
  };
}

function send(response: ServerResponse, answer: Answer, requestId?: string): void {
  const { statusCode, headers, cookies, body } = answer;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  if (requestId) response.setHeader('apigw-requestid', requestId);
  if (statusCode >= 200 && statusCode !== 204) response.setHeader('content-length', body.length);
  response.statusCode = statusCode;
  response.end(body);
}
