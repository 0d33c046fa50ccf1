import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { requiredVariable } from '../environment.ts';
import { isSafeTenantId } from '../ids.ts';
import { HttpProblem } from './problem.ts';
import type { RouteDefinition } from './route.ts';

/** What an access token must have for the routes that mend and cancel. */
export const ADMIN_SCOPE = 'splicebus/admin';

interface Authorized {
  authorizer?: { jwt?: { claims?: Record<string, unknown>; scopes?: string[] | null } };
}

/**
 * The tenant that a request is made for. API Gateway has verified the token; only its claims reach us.
 * @returns the tenantId; nothing where the route is open to everybody
 * @throws HttpProblem 403
 */
export function callerOf(event: APIGatewayProxyEventV2, access: RouteDefinition['access']): string {
  if (access === 'public') return '';
  const { authorizer } = event.requestContext as Authorized;
  const claims = authorizer?.jwt?.claims ?? {};
  const claim = requiredVariable('TENANT_CLAIM');
  const tenantId = claims[claim];
  if (!isSafeTenantId(tenantId)) {
    const message = `The token names no tenant: its claim "${claim}" must hold a tenantId.`;
    throw new HttpProblem(403, 'TENANT_MISSING', message);
  }
  if (access === 'admin' && !scopesOf(claims).includes(ADMIN_SCOPE)) {
    const message = `The token lacks the scope ${ADMIN_SCOPE}: ask for one that has it.`;
    throw new HttpProblem(403, 'SCOPE_MISSING', message);
  }
  return tenantId;
}

/** RFC 6749, 3.3, but for brackets and braces; API Gateway hands a list of scopes over as `[a b]`. */
const SCOPES = /^\[?[\x21\x23-\x5a\x5e-\x7a\x7c\x7e]+(?: [\x21\x23-\x5a\x5e-\x7a\x7c\x7e]+)*\]?$/;

/** Claims arrive as text. One that was an object grants nothing, whatever words it holds. */
function scopesOf({ scope, scp }: Record<string, unknown>): string[] {
  const text = scope ?? scp;
  if (typeof text !== 'string' || !SCOPES.test(text)) return [];
  return text.replace(/^\[|\]$/g, '').split(' ');
}
