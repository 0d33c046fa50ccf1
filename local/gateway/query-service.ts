import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { readBody } from './body.ts';
import { type AwsCall, AwsError, type AwsService } from './service.ts';

/** What an operation answers: text, a list (one element per entry), or named members. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

/** One operation of a service that speaks the AWS query protocol: form parameters in, XML out. */
export type QueryOperation = (
  parameters: URLSearchParams,
  call: AwsCall,
) => Promise<XmlValue> | XmlValue;

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/**
 * A service that speaks the AWS query protocol: `Action` names the operation, the answer is
 * `<ActionResponse><ActionResult>…`, errors are `<ErrorResponse><Error><Code>`. Lists are repeated
 * elements of the given name (flattened), as SQS writes them; SNS wraps its lists in `member`.
 */
export function queryService(operations: Record<string, QueryOperation>): AwsService {
  return {
    async handle(request, response, call) {
      try {
        const parameters = new URLSearchParams(
          (await readBody(request, MAX_BODY_BYTES)).toString('utf8'),
        );
        const action = parameters.get('Action') ?? '';
        const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
        if (!operation) {
          throw new AwsError(
            'InvalidAction',
            `The embedded stack does not implement ${action || 'this action'}.`,
          );
        }
        const result = await operation(parameters, call);
        send(
          response,
          200,
          `<${action}Response>${element(`${action}Result`, result)}` +
            `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>` +
            `</${action}Response>`,
        );
      } catch (error) {
        const known = error instanceof AwsError ? error : undefined;
        if (!known) console.error(error);
        const statusCode = known?.statusCode ?? 500;
        const details = element('Error', {
          Type: statusCode < 500 ? 'Sender' : 'Receiver',
          Code: known?.code ?? 'InternalFailure',
          Message: error instanceof Error ? error.message : String(error),
        });
        send(
          response,
          statusCode,
          `<ErrorResponse>${details}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
        );
      }
    },
  };
}

/** Members of a numbered list: `Entry.1.Id=a&Entry.2.Id=b` → `[{Id: 'a'}, {Id: 'b'}]`; a plain value stands under `''`. */
export function numberedList(
  parameters: URLSearchParams,
  prefix: string,
): Record<string, string>[] {
  const entries = new Map<number, Record<string, string>>();
  for (const [key, value] of parameters) {
    if (!key.startsWith(`${prefix}.`)) continue;
    const [index = '', ...rest] = key.slice(prefix.length + 1).split('.');
    if (!/^\d+$/.test(index)) continue;
    const entry = entries.get(Number(index)) ?? {};
    entry[rest.join('.')] = value;
    entries.set(Number(index), entry);
  }
  return [...entries].sort(([a], [b]) => a - b).map(([, entry]) => entry);
}

function element(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  if (isList(value)) return value.map((item) => element(name, item)).join('');
  if (typeof value === 'object') {
    const inner = Object.entries(value).map(([key, member]) => element(key, member));
    return `<${name}>${inner.join('')}</${name}>`;
  }
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

/** `Array.isArray` alone does not narrow readonly arrays. */
function isList(value: XmlValue): value is readonly XmlValue[] {
  return Array.isArray(value);
}

function escapeXml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/\r/g, '&#xD;');
}

function send(response: ServerResponse, statusCode: number, xml: string): void {
  const text = `<?xml version="1.0"?>\n${xml}`;
  response.writeHead(statusCode, {
    'content-type': 'text/xml',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
