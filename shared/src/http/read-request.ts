import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { callerOf } from './caller.ts';
import { HttpProblem } from './problem.ts';
import type { RouteDefinition, RouteRequest } from './route.ts';

/** What EventBridge takes in one event is 256 KB; an event is little more than its request. */
const MAX_BODY_BYTES = 200 * 1024;

/** @throws HttpProblem naming the field that does not fit */
export function readRequest<Route extends RouteDefinition>(
  route: Route,
  event: APIGatewayProxyEventV2,
  correlationId: string,
): RouteRequest<Route> {
  const tenantId = callerOf(event, route.access);
  const sentBody = route.bodySchema && readJson(event);
  return {
    path: parsed(route.pathSchema, event.pathParameters ?? {}),
    query: parsed(route.querySchema, event.queryStringParameters ?? {}),
    headers: parsed(route.headerSchema, event.headers),
    body: parsed(route.bodySchema, sentBody),
    sentBody,
    tenantId,
    correlationId,
  } as RouteRequest<Route>;
}

function parsed(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const field = path.map(String).join('.');
  const more = result.error.issues.length - 1;
  const others = more > 0 ? ` (and ${more} more)` : '';
  throw new HttpProblem(
    400,
    'REQUEST_INVALID',
    field ? `${field} ${message}${others}.` : `The request does not fit: ${message}${others}.`,
    field ? { field } : {},
  );
}

function readJson({ headers, body, isBase64Encoded }: APIGatewayProxyEventV2): unknown {
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    const message = 'The body must be JSON: send it as Content-Type: application/json.';
    throw new HttpProblem(415, 'CONTENT_TYPE_UNSUPPORTED', message);
  }
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) {
    const message = `The body has more than ${MAX_BODY_BYTES / 1024} KB: split the request.`;
    throw new HttpProblem(413, 'BODY_TOO_LARGE', message);
  }
  const json = parseJson(bytes.toString('utf8'));
  if (isDeeperThan(MAX_DEPTH, json)) {
    const message = `The body is nested more than ${MAX_DEPTH} levels deep: no request needs that.`;
    throw new HttpProblem(400, 'REQUEST_INVALID', message);
  }
  return json;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HttpProblem(400, 'BODY_NOT_JSON', 'The body is no valid JSON.', { cause });
  }
}

/** Whoever walks through it by recursion must not run out of stack. */
const MAX_DEPTH = 32;

function isDeeperThan(depth: number, json: unknown): boolean {
  let level: unknown[] = [json];
  for (let n = 0; n < depth; n++) {
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}
