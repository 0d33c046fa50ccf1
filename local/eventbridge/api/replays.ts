import * as z from 'zod';
import { AwsError } from '#local/gateway/service';
import { nameOf } from '../arn.ts';
import type { Replay } from '../state/records.ts';
import {
  arn,
  description,
  namePrefix,
  pageOf,
  paging,
  resourceName,
  timeSeconds,
} from './fields.ts';
import { operation, type Services } from './operation.ts';

const oneReplay = z.object({ ReplayName: resourceName(64) });

const startReplayInput = oneReplay.extend({
  Description: description,
  EventSourceArn: arn,
  EventStartTime: timeSeconds,
  EventEndTime: timeSeconds,
  Destination: z.object({ Arn: arn, FilterArns: z.array(arn).default([]) }),
});

/** StartReplay and its kin. */
export function replayOperations({ arns, registry, replays }: Services) {
  const resources = (input: { ReplayName: string }) => [arns.replay(input.ReplayName)];

  return {
    StartReplay: operation({
      input: startReplayInput,
      resources,
      run(input) {
        check(input);
        const replay: Replay = {
          name: input.ReplayName,
          arn: arns.replay(input.ReplayName),
          description: input.Description,
          archiveArn: input.EventSourceArn,
          busArn: input.Destination.Arn,
          ruleArns: input.Destination.FilterArns,
          fromSeconds: input.EventStartTime,
          toSeconds: input.EventEndTime,
          state: 'STARTING',
          startedSeconds: Date.now() / 1000,
        };
        replays.start(replay);
        return {
          ReplayArn: replay.arn,
          State: replay.state,
          ReplayStartTime: replay.startedSeconds,
        };
      },
    }),

    DescribeReplay: operation({
      input: oneReplay,
      resources,
      run({ ReplayName }) {
        const replay = registry.replay(ReplayName);
        return {
          ...summary(replay),
          ReplayArn: replay.arn,
          Description: replay.description,
          StateReason: replay.stateReason,
          Destination: { Arn: replay.busArn, FilterArns: replay.ruleArns },
        };
      },
    }),

    ListReplays: operation({
      input: z.object({
        NamePrefix: namePrefix,
        EventSourceArn: arn.optional(),
        State: z.string().optional(),
        ...paging,
      }),
      resources: () => [arns.replay('*')],
      run({ NamePrefix = '', EventSourceArn, State, ...page }) {
        const matching = [...registry.replays.values()].filter(
          ({ name, archiveArn, state }) =>
            name.startsWith(NamePrefix) &&
            (EventSourceArn === undefined || archiveArn === EventSourceArn) &&
            (State === undefined || state === State),
        );
        const { records, NextToken } = pageOf(matching, page);
        return { Replays: records.map(summary), NextToken };
      },
    }),

    CancelReplay: operation({
      input: oneReplay,
      resources,
      run({ ReplayName }) {
        const { arn: ReplayArn, state } = registry.replay(ReplayName);
        if (!replays.cancel(ReplayName)) {
          throw new AwsError(
            'IllegalStatusException',
            `Replay ${ReplayName} is not in a valid state for this operation: it is ${state}.`,
          );
        }
        return { ReplayArn, State: 'CANCELLING' };
      },
    }),
  };

  function check(input: z.output<typeof startReplayInput>): void {
    const { ReplayName, EventSourceArn, EventStartTime, EventEndTime, Destination } = input;
    if (registry.replays.has(ReplayName)) {
      throw new AwsError('ResourceAlreadyExistsException', `Replay ${ReplayName} already exists.`);
    }
    const archive = registry.archives.get(nameOf(EventSourceArn));
    if (archive?.arn !== EventSourceArn) {
      invalid('EventSourceArn', `Archive ${nameOf(EventSourceArn)} does not exist.`);
    }
    if (archive.busArn !== Destination.Arn) {
      invalid('Destination.Arn', 'Cross event bus replay is not permitted.');
    }
    for (const ruleArn of Destination.FilterArns) {
      if (registry.rules.get(ruleArn)?.busName !== nameOf(Destination.Arn)) {
        invalid('Destination.FilterArns', `${ruleArn} is no rule of the event bus.`);
      }
    }
    if (EventStartTime >= EventEndTime) {
      invalid('EventEndTime', 'EventStartTime must be before EventEndTime.');
    }
  }
}

function invalid(parameter: string, reason: string): never {
  throw new AwsError(
    'ValidationException',
    `Parameter ${parameter} is not valid. Reason: ${reason}`,
  );
}

function summary(replay: Replay) {
  return {
    ReplayName: replay.name,
    EventSourceArn: replay.archiveArn,
    State: replay.state,
    EventStartTime: replay.fromSeconds,
    EventEndTime: replay.toSeconds,
    EventLastReplayedTime: replay.lastReplayedSeconds,
    ReplayStartTime: replay.startedSeconds,
    ReplayEndTime: replay.endedSeconds,
  };
}
