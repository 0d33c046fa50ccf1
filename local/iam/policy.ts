import { BootError } from '../stack/boot-error.ts';
import { type Condition, type ConditionContext, compileCondition } from './conditions.ts';
import { matchesWildcard } from './wildcard.ts';

/** One question to a policy. */
export interface AccessRequest {
  /** `service:Operation`; IAM compares actions without regard to case. */
  readonly action: string;
  readonly resourceArn: string;
  /** Who asks, for policies attached to a resource: a role's ARN or `events.amazonaws.com`. */
  readonly principal?: string;
  readonly context: ConditionContext;
}

/** A checked policy statement. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** ARNs, service names or `*`; absent in policies attached to a role. */
  readonly principals: readonly string[] | undefined;
  readonly condition: Condition;
}

export type Decision = 'allow' | 'explicit-deny' | 'implicit-deny';

const known = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition']);

/**
 * Checks a policy document whose intrinsics are already resolved.
 * @param where Names the policy in messages.
 * @throws BootError `UnsupportedPolicy` for what would be judged differently than in the cloud.
 */
export function parsePolicy(document: unknown, where: string): Statement[] {
  const statements = (document as { Statement?: unknown } | undefined)?.Statement;
  if (!statements) {
    throw new BootError('UnsupportedPolicy', `${where}: the policy document has no Statement.`);
  }
  return [statements].flat().map((statement) => parseStatement(statement as RawStatement, where));
}

type RawStatement = Readonly<Record<string, unknown>>;

function parseStatement(raw: RawStatement, where: string): Statement {
  const unknown = Object.keys(raw).find((key) => !known.has(key));
  if (unknown) {
    throw new BootError(
      'UnsupportedPolicy',
      `${where}: the embedded stack cannot judge ${unknown} in a policy statement.`,
    );
  }
  const { Effect: effect, Action: action } = raw;
  if (effect !== 'Allow' && effect !== 'Deny') {
    throw new BootError('UnsupportedPolicy', `${where}: Effect must be Allow or Deny.`);
  }
  if (!action) throw new BootError('UnsupportedPolicy', `${where}: a statement needs an Action.`);
  return {
    effect,
    actions: strings(action, where).map((name) => name.toLowerCase()),
    resources: raw.Resource === undefined ? ['*'] : strings(raw.Resource, where),
    principals: raw.Principal === undefined ? undefined : parsePrincipals(raw.Principal, where),
    condition: compileCondition(raw.Condition, where),
  };
}

function parsePrincipals(principal: unknown, where: string): string[] {
  if (typeof principal === 'string') return [principal];
  return Object.values(principal as object).flatMap((value) => strings(value, where));
}

function strings(value: unknown, where: string): string[] {
  const values = [value].flat();
  const odd = values.find((item) => typeof item !== 'string');
  if (odd !== undefined) {
    throw new BootError(
      'UnsupportedPolicy',
      `${where}: expected a string in the policy, got ${JSON.stringify(odd)}.`,
    );
  }
  return values as string[];
}

/** IAM's rule: any matching Deny wins, else any matching Allow, else nothing is allowed. */
export function evaluate(statements: readonly Statement[], request: AccessRequest): Decision {
  const matching = statements.filter((statement) => matches(statement, request));
  if (matching.some((statement) => statement.effect === 'Deny')) return 'explicit-deny';
  return matching.length > 0 ? 'allow' : 'implicit-deny';
}

function matches(statement: Statement, request: AccessRequest): boolean {
  const action = request.action.toLowerCase();
  return (
    statement.actions.some((pattern) => matchesWildcard(pattern, action)) &&
    statement.resources.some((pattern) => matchesWildcard(pattern, request.resourceArn)) &&
    matchesPrincipal(statement.principals, request.principal) &&
    statement.condition(request.context)
  );
}

function matchesPrincipal(
  principals: readonly string[] | undefined,
  principal: string | undefined,
): boolean {
  if (!principals) return true;
  return principals.some((candidate) => candidate === '*' || candidate === principal);
}
