import * as z from 'zod';
import { AwsError } from '#local/gateway/service';
import type { Rule } from '../state/records.ts';
import { type Target, targetSchema } from '../target/target.ts';
import { busName, pageOf, paging, resourceName } from './fields.ts';
import { operation, type Services } from './operation.ts';
import { ruleOf } from './rules.ts';

/** AWS's quota, which a deployment would meet as well. */
const MAXIMUM_TARGETS = 5;

const oneRule = z.object({ Rule: resourceName(64), EventBusName: busName });

/** PutTargets and its kin. */
export function targetOperations(services: Services) {
  const { arns, registry } = services;
  const resources = (input: z.output<typeof oneRule>) => [
    arns.rule(input.EventBusName, input.Rule),
  ];
  const saveTargets = (rule: Rule, targets: Target[]) => {
    registry.rules.set(rule.arn, { ...rule, targets });
    registry.save();
  };

  return {
    PutTargets: operation({
      input: oneRule.extend({ Targets: z.array(targetSchema).min(1).max(100) }),
      resources,
      /** Adds targets, or replaces those that bear the same ids. */
      run({ Rule, EventBusName, Targets }) {
        const rule = ruleOf(services, EventBusName, Rule);
        const targets = new Map([...rule.targets, ...Targets].map((target) => [target.Id, target]));
        if (targets.size > MAXIMUM_TARGETS) {
          throw new AwsError(
            'LimitExceededException',
            `A rule has at most ${MAXIMUM_TARGETS} targets; spread them over more rules.`,
          );
        }
        saveTargets(rule, [...targets.values()]);
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    }),

    RemoveTargets: operation({
      input: oneRule.extend({ Ids: z.array(z.string()).min(1).max(100) }),
      resources,
      run({ Rule, EventBusName, Ids }) {
        const rule = ruleOf(services, EventBusName, Rule);
        saveTargets(
          rule,
          rule.targets.filter(({ Id }) => !Ids.includes(Id)),
        );
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    }),

    ListTargetsByRule: operation({
      input: oneRule.extend(paging),
      resources,
      run({ Rule, EventBusName, ...page }) {
        const { targets } = ruleOf(services, EventBusName, Rule);
        const { records, NextToken } = pageOf(
          targets.map((target) => ({ name: target.Id, target })),
          page,
        );
        return { Targets: records.map(({ target }) => target), NextToken };
      },
    }),
  };
}
