import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import type { AwsCall, AwsService } from '#local/gateway/service';

/** A request of one of the JSON protocols. */
interface Question {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Buffer;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** As good as a signature, which nobody verifies. */
export const UNSIGNED = {
  'x-amz-date': '20260301T000000Z',
  authorization: 'AWS4-HMAC-SHA256 Credential=test, SignedHeaders=host, Signature=none',
};

/** A caller that may do everything. */
const CALL: AwsCall = { accessKeyId: 'test', traceHeader: undefined, authorize() {} };

/** Asks a service of the embedded stack in this process, with no more of HTTP than it looks at. */
export function ask(service: AwsService, { content, ...line }: Question): Promise<Answer> {
  const request = Object.assign([content], line);
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = {};
    const response = {
      statusCode: 200,
      setHeader(name: string, value: unknown) {
        headers[name.toLowerCase()] = String(value);
      },
      writeHead(statusCode: number, more: Record<string, unknown>) {
        response.statusCode = statusCode;
        for (const [name, value] of Object.entries(more)) response.setHeader(name, value);
      },
      end: (text: string) => resolve({ statusCode: response.statusCode, headers, text }),
    };
    service
      .handle(request as unknown as IncomingMessage, response as unknown as ServerResponse, CALL)
      .catch(reject);
  });
}

/**
 * Lets an SDK client hand its requests to a service in this process. What the client sends and understands
 * stays as it is; only the sockets, which take half of the time of a call, and signatures are left out.
 */
export function takeShortCut({ config }: { config: object }, service: AwsService): void {
  Object.assign(config, {
    requestHandler: withoutSockets(service),
    signer: async () => ({ sign }),
  });
}

async function sign(request: HttpRequest): Promise<HttpRequest> {
  Object.assign(request.headers, UNSIGNED);
  return request;
}

const withoutSockets = (service: AwsService) => ({
  metadata: { handlerProtocol: 'http/1.1' },
  async handle({ method, path: url, headers, body }: HttpRequest) {
    const { buffer, byteOffset, byteLength } = body as Uint8Array;
    const content = Buffer.from(buffer, byteOffset, byteLength);
    const answer = await ask(service, { method, url, headers, content });
    const answered = Readable.from([Buffer.from(answer.text)]);
    return { response: new HttpResponse({ ...answer, body: answered }) };
  },
  destroy() {},
  updateHttpClientConfig() {},
  httpHandlerConfigs: () => ({}),
});
