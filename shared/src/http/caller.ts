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

/** API Gateway hands claims over as text; a list of scopes becomes `[a b]`. */
const scopesOf = ({ scope, scp }: Record<string, unknown>): string[] =>
  String(scope ?? scp ?? '')
    .replace(/^\[|\]$/g, '')
    .split(/[\s,]+/);
