import { type EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import type { ReplayOptions } from './options.ts';

/** A rule of the bus, as far as a replay is concerned. */
export interface ReplayRule {
  name: string;
  arn: string;
  isEnabled: boolean;
  /** The detail-types that its pattern names; none: it takes whatever comes from our sources. */
  waitsFor: readonly string[];
}

/** The rules of a bus that the services made. */
export async function listRules(events: EventBridgeClient, busName: string): Promise<ReplayRule[]> {
  const rules: ReplayRule[] = [];
  let NextToken: string | undefined;
  do {
    const page = await events.send(new ListRulesCommand({ EventBusName: busName, NextToken }));
    for (const { Name, Arn, State, EventPattern, ManagedBy } of page.Rules ?? []) {
      // The archive's own rule is one of AWS's: it keeps events, and takes none that are replayed.
      if (ManagedBy || !EventPattern) continue;
      const { 'detail-type': types = [] } = JSON.parse(EventPattern) as {
        'detail-type'?: unknown[];
      };
      rules.push({
        name: Name!,
        arn: Arn!,
        isEnabled: State !== 'DISABLED',
        waitsFor: types.filter((type) => typeof type === 'string'),
      });
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return rules;
}

/**
 * The rules that a replay goes to. EventBridge cannot filter a replay by event, only by rule, so an event
 * is chosen by the rules that wait for it:
 *
 * - `--event` takes the rules that name it: those whose functions work on it, and not the one of the status
 *   service, which takes every event and would get all of them again;
 * - an event that no rule names goes to the status service alone: by that rule, together with all others;
 * - a rule that names more events than this one brings those, too.
 *
 * @returns `undefined` where no rule is left out
 */
export function chooseRules(
  rules: readonly ReplayRule[],
  { only, except }: Pick<ReplayOptions, 'only' | 'except'>,
): ReplayRule[] | undefined {
  if (only.length > 0) return rules.filter((rule) => only.some((type) => works(rules, rule, type)));
  if (except.length === 0) return undefined;
  return rules.filter((rule) => !rule.waitsFor.some((type) => except.includes(type)));
}

/** Whether, of these rules, those that are chosen bring an event of this type to who works on it. */
export function brings(
  rules: readonly ReplayRule[],
  chosen: readonly ReplayRule[],
  type: string,
): boolean {
  return chosen.some((rule) => rule.isEnabled && works(rules, rule, type));
}

function works(rules: readonly ReplayRule[], rule: ReplayRule, type: string): boolean {
  const isNamed = rules.some(({ waitsFor }) => waitsFor.includes(type));
  return isNamed ? rule.waitsFor.includes(type) : rule.waitsFor.length === 0;
}
