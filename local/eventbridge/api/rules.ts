import * as z from 'zod';
import { AwsError } from '#local/gateway/service';
import { DEFAULT_BUS } from '../arn.ts';
import { toBusEvent } from '../event.ts';
import { ratePeriodMs } from '../schedules.ts';
import type { Rule } from '../state/records.ts';
import {
  busName,
  description,
  eventPattern,
  namePrefix,
  pageOf,
  paging,
  resourceName,
} from './fields.ts';
import { checkedPattern, operation, type Services } from './operation.ts';

const ruleName = resourceName(64);
const oneRule = z.object({ Name: ruleName, EventBusName: busName });

const putRuleInput = oneRule.extend({
  EventPattern: eventPattern.optional(),
  ScheduleExpression: z.string().max(256).optional(),
  State: z
    .enum(['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'])
    .default('ENABLED')
    .transform((state) => (state === 'DISABLED' ? state : 'ENABLED')),
  Description: description,
  RoleArn: z.string().max(1600).optional(),
});

/** PutRule and its kin. */
export function ruleOperations(services: Services) {
  const { arns, registry, schedules, router, home } = services;
  const resources = (rule: { Name: string; EventBusName: string }) => [
    arns.rule(rule.EventBusName, rule.Name),
  ];

  const save = (rule: Rule) => {
    registry.rules.set(rule.arn, rule);
    registry.save();
    keepTime(rule);
  };

  const setState = (state: Rule['state']) =>
    operation({
      input: oneRule,
      resources,
      run({ EventBusName, Name }) {
        save({ ...ruleOf(services, EventBusName, Name), state });
        return {};
      },
    });

  for (const rule of registry.rules.values()) keepTime(rule);

  return {
    PutRule: operation({
      input: putRuleInput,
      resources,
      /** Replaces all of a rule but its targets. */
      run({ Name, EventBusName, EventPattern, ScheduleExpression, ...rest }, { fromTemplate }) {
        registry.bus(EventBusName);
        checkTrigger(EventBusName, EventPattern, ScheduleExpression);
        const arn = arns.rule(EventBusName, Name);
        const before = registry.rules.get(arn);
        save({
          name: Name,
          arn,
          busName: EventBusName,
          description: rest.Description,
          eventPattern: EventPattern,
          scheduleExpression: ScheduleExpression,
          roleArn: rest.RoleArn,
          state: rest.State,
          targets: before?.targets ?? [],
          fromTemplate: fromTemplate || (before?.fromTemplate ?? false),
        });
        return { RuleArn: arn };
      },
    }),

    DescribeRule: operation({
      input: oneRule,
      resources,
      run: ({ EventBusName, Name }) => described(ruleOf(services, EventBusName, Name)),
    }),

    EnableRule: setState('ENABLED'),
    DisableRule: setState('DISABLED'),

    DeleteRule: operation({
      input: oneRule,
      resources,
      run({ EventBusName, Name }) {
        const arn = arns.rule(EventBusName, Name);
        if ((registry.rules.get(arn)?.targets.length ?? 0) > 0) {
          throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
        }
        registry.rules.delete(arn);
        registry.save();
        schedules.clear(arn);
        return {};
      },
    }),

    ListRules: operation({
      input: z.object({ NamePrefix: namePrefix, EventBusName: busName, ...paging }),
      resources: ({ EventBusName }) => [arns.rule(EventBusName, '*')],
      run({ NamePrefix = '', EventBusName, ...page }) {
        const { name } = registry.bus(EventBusName);
        const matching = registry.rulesOf(name).filter((rule) => rule.name.startsWith(NamePrefix));
        const { records, NextToken } = pageOf(matching, page);
        return { Rules: records.map(described), NextToken };
      },
    }),
  };

  /** Schedules fire for their own rule alone, without passing over a bus. */
  function keepTime({ arn, scheduleExpression, state }: Rule): void {
    if (scheduleExpression === undefined || state === 'DISABLED') {
      schedules.clear(arn);
    } else {
      schedules.set(arn, scheduleExpression, () => fire(arn));
    }
  }

  function fire(ruleArn: string): void {
    const rule = registry.rules.get(ruleArn);
    const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
    if (rule) void router.deliverTo(rule, toBusEvent({ ...event, resources: [ruleArn] }, home));
  }
}

/** @throws AwsError `ResourceNotFoundException` */
export function ruleOf({ arns, registry }: Services, busName: string, name: string): Rule {
  registry.bus(busName);
  const rule = registry.rules.get(arns.rule(busName, name));
  if (rule) return rule;
  throw new AwsError(
    'ResourceNotFoundException',
    `Rule ${name} does not exist on EventBus ${busName}.`,
  );
}

function checkTrigger(busName: string, pattern?: string, schedule?: string): void {
  if (pattern === undefined && schedule === undefined) {
    throw new AwsError(
      'ValidationException',
      'Parameter(s) EventPattern or ScheduleExpression must be specified.',
    );
  }
  if (pattern !== undefined) checkedPattern(pattern);
  if (schedule !== undefined) ratePeriodMs(schedule);
  if (schedule !== undefined && busName !== DEFAULT_BUS) {
    throw new AwsError(
      'ValidationException',
      'ScheduleExpression is supported only on the default event bus.',
    );
  }
}

function described(rule: Rule) {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventBusName: rule.busName,
    EventPattern: rule.eventPattern,
    ScheduleExpression: rule.scheduleExpression,
    State: rule.state,
    Description: rule.description,
    RoleArn: rule.roleArn,
  };
}
