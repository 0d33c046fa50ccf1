import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeArchiveCommand,
  DescribeReplayCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import type { ReplayOptions } from './options.ts';
import type { ReplayRule } from './rules.ts';
import type { Target } from './target.ts';

const POLL_MS = 1_000;

/**
 * Replays the archive and waits for the end of it.
 * @param rules the only ones that get the events; absent: all of the bus
 * @param onProgress hears of every change, a line at a time
 * @returns how it ended: `COMPLETED`, `CANCELLED` or `FAILED`
 */
export async function replayArchive(
  { events, name: archiveName }: Target,
  { name, fromMs, toMs }: Pick<ReplayOptions, 'name' | 'fromMs' | 'toMs'>,
  rules: readonly ReplayRule[] | undefined,
  onProgress: (line: string) => void,
): Promise<string> {
  const { ArchiveArn, EventSourceArn } = await events.send(
    new DescribeArchiveCommand({ ArchiveName: archiveName }),
  );
  await events.send(
    new StartReplayCommand({
      ReplayName: name,
      EventSourceArn: ArchiveArn,
      EventStartTime: new Date(fromMs),
      EventEndTime: new Date(toMs),
      Destination: {
        Arn: EventSourceArn,
        ...(rules && { FilterArns: rules.map(({ arn }) => arn) }),
      },
    }),
  );
  for (let told = ''; ; await sleep(POLL_MS)) {
    const { State, StateReason, EventLastReplayedTime } = await events.send(
      new DescribeReplayCommand({ ReplayName: name }),
    );
    const line = [
      State,
      EventLastReplayedTime && `last event of ${EventLastReplayedTime.toISOString()}`,
      StateReason,
    ]
      .filter(Boolean)
      .join(', ');
    if (line !== told) onProgress(line);
    told = line;
    if (State === 'COMPLETED' || State === 'CANCELLED' || State === 'FAILED') return State;
  }
}
