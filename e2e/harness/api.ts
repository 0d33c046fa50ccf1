import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { vi } from 'vitest';
import { parse } from 'yaml';
import type { JobAnswer } from '#shared/api/fields';
import type { JobStatusAnswer } from '#shared/api/job-status';
import { ADMIN_SCOPE } from '#shared/http/caller';
import { type Splicebus, TENANT_ID } from './splicebus.ts';

interface Operation {
  responses: Record<string, { content?: Record<string, { schema?: object }>; headers?: object }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
}

const document = parse(
  readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8'),
) as Document;
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(document, 'openapi');

/** An answer of the API that was found to be as `openapi.yaml` has it. */
export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed, if it is JSON. */
  readonly body: Body;
  readonly bytes: Buffer;
}

export interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the API as somebody with a token would, and holds every answer against `openapi.yaml`. */
export class ApiCaller {
  private constructor(
    private readonly apiUrl: string,
    private readonly token: string | undefined,
  ) {}

  static async of(
    { stack }: Pick<Splicebus, 'stack'>,
    { tenantId = TENANT_ID, isAdmin = false } = {},
  ): Promise<ApiCaller> {
    const scopes = isAdmin ? [ADMIN_SCOPE] : [];
    return new ApiCaller(stack.apiUrl, await stack.devToken({ tenantId, scopes }));
  }

  static withoutToken({ stack }: Pick<Splicebus, 'stack'>): ApiCaller {
    return new ApiCaller(stack.apiUrl, undefined);
  }

  get<Body = Record<string, unknown>>(path: string, sent: Sent = {}): Promise<Answer<Body>> {
    return this.#call('GET', path, sent);
  }

  post<Body = Record<string, unknown>>(path: string, sent: Sent = {}): Promise<Answer<Body>> {
    return this.#call('POST', path, sent);
  }

  /** Asks for clips. @returns their jobs */
  async generate(body: object, headers: Sent['headers'] = {}): Promise<JobAnswer[]> {
    const answer = await this.post<{ jobs: JobAnswer[] }>('/api/v1/videos/generate', {
      body,
      headers,
    });
    if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
    return answer.body.jobs;
  }

  async status({ links }: JobAnswer): Promise<JobStatusAnswer> {
    const { status, body } = await this.get<JobStatusAnswer>(links.status);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body;
  }

  /** Polls a job until it has ended, as a front end would. @returns everything it was told */
  async watch(job: JobAnswer): Promise<JobStatusAnswer[]> {
    const seen: JobStatusAnswer[] = [];
    await vi.waitFor(
      async () => {
        seen.push(await this.status(job));
        const { status, stage } = seen.at(-1)!;
        if (status === 'Generation in Progress') throw new Error(`It is ${stage}.`);
      },
      { timeout: 110_000, interval: 100 },
    );
    return seen;
  }

  async #call<Body>(
    method: 'GET' | 'POST',
    path: string,
    { body, headers }: Sent,
  ): Promise<Answer<Body>> {
    const response = await fetch(this.apiUrl + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.token && { Authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const parsed = /json$/.test(type) ? JSON.parse(bytes.toString('utf8')) : undefined;
    assertDocumented(method, path, response, type, parsed);
    return { status: response.status, headers: response.headers, body: parsed as Body, bytes };
  }
}

/** @throws Error when an answer is not one of those that `openapi.yaml` lists for its route */
function assertDocumented(
  method: string,
  path: string,
  response: Response,
  type: string,
  body: unknown,
): void {
  const [route, operation] = operationOf(method, path);
  const what = `${method} ${path} → ${response.status} ${type}`;
  const documented = operation.responses[response.status];
  if (!documented) throw new Error(`${what} is not in openapi.yaml: ${JSON.stringify(body)}`);
  const types = Object.keys(documented.content ?? {});
  if (types.length > 0 && !types.includes(type)) {
    throw new Error(`${what}: openapi.yaml says ${types.join(', ')}.`);
  }
  for (const name of Object.keys(documented.headers ?? {})) {
    if (!response.headers.has(name)) throw new Error(`${what} lacks ${name}.`);
  }
  if (!documented.content?.[type]?.schema) return;
  const pointer = ['paths', route, method.toLowerCase(), 'responses', response.status];
  const escaped = [...pointer, 'content', type, 'schema'].map((part) =>
    encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  const validate = ajv.getSchema(`openapi#/${escaped.join('/')}`);
  if (!validate) throw new Error(`${what}: there is no schema at ${escaped.join('/')}.`);
  if (!validate(body)) throw new Error(`${what}: ${ajv.errorsText(validate.errors)}`);
}

function operationOf(method: string, path: string): [route: string, operation: Operation] {
  const { pathname } = new URL(path, 'http://api');
  for (const [route, operations] of Object.entries(document.paths)) {
    const pattern = new RegExp(`^${route.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
    const operation = operations[method.toLowerCase()];
    if (operation && pattern.test(pathname)) return [route, operation];
  }
  throw new Error(`openapi.yaml has no ${method} ${pathname}.`);
}
