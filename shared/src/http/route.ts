import type * as z from 'zod';

/** What a route answers with, by its status. */
export interface AnswerDefinition {
  readonly description: string;
  /** Of the JSON body; absent where there is none, or where it is no JSON. */
  readonly schema?: z.ZodType;
  /** Of a body that is no JSON. */
  readonly contentType?: string;
  /** What each header is for. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One route: what checks requests, what handles them and what is documented are this same object. */
export interface RouteDefinition {
  readonly operationId: string;
  readonly method: 'GET' | 'POST';
  /** Whether HEAD is answered, too: as GET is, without a body. */
  readonly answersHead?: true;
  /** Variables as `{job_id}`. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** Who may call it: anybody, whoever has a token of a tenant, or only one whose token has the scope for it. */
  readonly access: 'public' | 'tenant' | 'admin';
  readonly pathSchema?: z.ZodObject;
  readonly querySchema?: z.ZodObject;
  /** Names in lower case. */
  readonly headerSchema?: z.ZodObject;
  readonly bodySchema?: z.ZodType;
  readonly answers: Readonly<Record<number, AnswerDefinition>>;
  /** The statuses of its problems, beside those that every route has. */
  readonly problems: Readonly<Record<number, string>>;
}

type OutputOf<Schema, Fallback> = Schema extends z.ZodType ? z.output<Schema> : Fallback;

/** A request that fits its definition. */
export interface RouteRequest<Route extends RouteDefinition> {
  readonly path: OutputOf<Route['pathSchema'], Record<string, never>>;
  readonly query: OutputOf<Route['querySchema'], Record<string, never>>;
  readonly headers: OutputOf<Route['headerSchema'], Record<string, never>>;
  readonly body: OutputOf<Route['bodySchema'], undefined>;
  /** The body as it came, parsed as JSON but otherwise unchanged. */
  readonly sentBody: unknown;
  /** Of the caller's token; empty where the route is public. */
  readonly tenantId: string;
  readonly correlationId: string;
}

/** What a handler answers. */
export interface RouteAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is; bytes are encoded on their way to the API, which decodes them. */
  readonly body?: string | Buffer;
}
