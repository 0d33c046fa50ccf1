import { randomBytes } from 'node:crypto';
import { BootError } from '../stack/boot-error.ts';
import { managedPolicies } from './managed-policies.ts';
import { type AccessRequest, evaluate, parsePolicy, type Statement } from './policy.ts';

/** A role as its template declares it, intrinsics resolved. */
export interface RoleDefinition {
  readonly arn: string;
  readonly name: string;
  readonly assumeRolePolicy: unknown;
  /** Inline policies: name → document. */
  readonly policies: ReadonlyMap<string, unknown>;
  readonly managedPolicyArns: readonly string[];
}

/** A call that was judged. */
export interface Verdict {
  readonly allowed: boolean;
  /** Why not, in the words of AWS. */
  readonly reason?: string;
}

/** Judges calls by the policies the templates package. */
export interface Iam {
  /** @throws BootError `UnsupportedPolicy` */
  addRole(role: RoleDefinition): void;
  /** Adds statements to the policy of a bucket, queue, topic or function. */
  addResourcePolicy(resourceArn: string, statements: readonly Statement[]): void;
  /**
   * Credentials for one function.
   * @throws BootError `MissingPermission` when the role does not trust the service.
   */
  assumeRole(roleArn: string, sessionName: string, service: string): string;
  /** How AWS names the holder of a key. */
  callerArn(accessKeyId: string | undefined): string;
  /** May the key's role do this? Keys no role was given for belong to the laptop: they may. */
  judge(accessKeyId: string | undefined, action: string, resourceArn: string): Verdict;
  /** Does the role itself allow this, as the create-time checks of Lambda ask? */
  roleAllows(roleArn: string, action: string, resourceArn: string): boolean;
  /** Does the resource let an AWS service do this on behalf of `sourceArn` (a rule, a topic)? */
  serviceMay(service: string, action: string, resourceArn: string, sourceArn: string): boolean;
}

interface Session {
  readonly roleArn: string;
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, as AWS names the caller. */
  readonly userArn: string;
}

export function createIam(accountId: string): Iam {
  const roles = new Map<string, { name: string; statements: Statement[]; trust: Statement[] }>();
  const resourcePolicies = new Map<string, Statement[]>();
  const sessions = new Map<string, Session>();

  const judgeRole = (roleArn: string, action: string, resourceArn: string) => {
    const request: AccessRequest = {
      action,
      resourceArn,
      principal: roleArn,
      // The stack listens on a loopback address; what it stands for is called through TLS.
      context: { 'aws:SecureTransport': 'true', 'aws:PrincipalArn': roleArn },
    };
    const byRole = evaluate(roles.get(roleArn)?.statements ?? [], request);
    const byResource = evaluate(policyOf(resourcePolicies, resourceArn), request);
    if (byRole === 'explicit-deny') return 'with an explicit deny in an identity-based policy';
    if (byResource === 'explicit-deny') return 'with an explicit deny in a resource-based policy';
    if (byRole === 'allow' || byResource === 'allow') return undefined;
    return `because no identity-based policy allows the ${action} action`;
  };

  return {
    addRole({ arn, name, assumeRolePolicy, policies, managedPolicyArns }) {
      const statements = [...policies].flatMap(([policyName, document]) =>
        parsePolicy(document, `Role ${name}, policy ${policyName}`),
      );
      for (const policyArn of managedPolicyArns) {
        statements.push(managedStatement(policyArn, name));
      }
      const trust = parsePolicy(assumeRolePolicy, `Role ${name}, AssumeRolePolicyDocument`);
      roles.set(arn, { name, statements, trust });
    },

    addResourcePolicy(resourceArn, statements) {
      resourcePolicies.set(resourceArn, [
        ...(resourcePolicies.get(resourceArn) ?? []),
        ...statements,
      ]);
    },

    assumeRole(roleArn, sessionName, service) {
      const role = roles.get(roleArn);
      const trusted = evaluate(role?.trust ?? [], {
        action: 'sts:AssumeRole',
        resourceArn: roleArn,
        principal: service,
        context: { 'aws:SourceAccount': accountId },
      });
      if (!role || trusted !== 'allow') {
        throw new BootError(
          'MissingPermission',
          `${sessionName}: the role ${roleArn} cannot be assumed by ${service}. ` +
            'Check its AssumeRolePolicyDocument.',
        );
      }
      const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
      const userArn = `arn:aws:sts::${accountId}:assumed-role/${role.name}/${sessionName}`;
      sessions.set(accessKeyId, { roleArn, userArn });
      return accessKeyId;
    },

    callerArn: (accessKeyId) =>
      sessions.get(accessKeyId ?? '')?.userArn ?? `arn:aws:iam::${accountId}:root`,

    judge(accessKeyId, action, resourceArn) {
      const session = sessions.get(accessKeyId ?? '');
      if (!session) return { allowed: true };
      const refusal = judgeRole(session.roleArn, action, resourceArn);
      if (!refusal) return { allowed: true };
      return {
        allowed: false,
        reason:
          `User: ${session.userArn} is not authorized to perform: ${action} ` +
          `on resource: ${resourceArn} ${refusal}`,
      };
    },

    roleAllows: (roleArn, action, resourceArn) =>
      judgeRole(roleArn, action, resourceArn) === undefined,

    serviceMay: (service, action, resourceArn, sourceArn) =>
      evaluate(resourcePolicies.get(resourceArn) ?? [], {
        action,
        resourceArn,
        principal: service,
        context: {
          'aws:SecureTransport': 'true',
          'aws:SourceArn': sourceArn,
          'aws:SourceAccount': accountId,
        },
      }) === 'allow',
  };
}

/** A bucket's policy also speaks for the objects in it. */
function policyOf(policies: ReadonlyMap<string, Statement[]>, resourceArn: string): Statement[] {
  const owner = resourceArn.startsWith('arn:aws:s3:::') ? resourceArn.split('/')[0] : resourceArn;
  return policies.get(owner as string) ?? [];
}

function managedStatement(policyArn: string, roleName: string): Statement {
  const actions = Object.hasOwn(managedPolicies, policyArn) && managedPolicies[policyArn];
  if (!actions) {
    throw new BootError(
      'UnsupportedPolicy',
      `Role ${roleName}: the embedded stack does not know the managed policy ${policyArn}. ` +
        'Write its statements as an inline policy.',
    );
  }
  return {
    effect: 'Allow',
    actions: actions.map((action) => action.toLowerCase()),
    resources: ['*'],
    principals: undefined,
    condition: () => true,
  };
}
