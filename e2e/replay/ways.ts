import { fileURLToPath } from 'node:url';
import { ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { expect } from 'vitest';
import { awsCli, hasAwsCli } from '#local/testing/aws-cli';
import { type Ended, run } from '../harness/process.ts';
import type { Splicebus } from '../harness/splicebus.ts';

/** A replay of what has happened since. */
export interface Wish {
  readonly from: string;
  readonly name: string;
  /** To the rules that name this event, or to all others. */
  readonly event?: string;
  readonly except?: string;
}

type Replay = (splicebus: Splicebus, wish: Wish) => Promise<void>;

/** The two ways to replay, which must lead to the same; each resolves when all is at rest. */
export const WAYS: readonly { way: string; id: string; isMissing: boolean; replay: Replay }[] = [
  { way: 'npm run replay', id: 'npm', isMissing: false, replay: byCommand },
  { way: 'aws events start-replay', id: 'aws', isMissing: !hasAwsCli, replay: byAwsCli },
];

const COMMAND = fileURLToPath(new URL('../../replay/run.ts', import.meta.url));

/** Runs `npm run replay` against a stack. */
export function replayCommand(splicebus: Splicebus, ...args: string[]): Promise<Ended> {
  const { endpointUrl } = splicebus.stack;
  const node = ['--import', import.meta.resolve('tsx'), COMMAND];
  // Away from the repository: a stack that serves there is none of the test's business.
  const cwd = splicebus.stateDir;
  return run(process.execPath, [...node, '--endpoint-url', endpointUrl, ...args], { cwd });
}

/** What `npm run replay -- --dry-run` prints. */
export async function dryRun(splicebus: Splicebus, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await replayCommand(splicebus, '--dry-run', ...args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}

/** The columns of an execution in what a dry run prints. */
export function rowOf(printed: string, executionId: string) {
  const row = printed.split('\n').find((line) => line.includes(executionId));
  const [, , , , status, would, what] = row?.split('│').map((cell) => cell.trim()) ?? [];
  return { status, would, what };
}

async function byCommand(splicebus: Splicebus, { from, name, event, except }: Wish): Promise<void> {
  const { exitCode, stdout, stderr } = await replayCommand(
    splicebus,
    ...['--from', from, '--name', name],
    ...(event ? ['--event', event] : []),
    ...(except ? ['--except', except] : []),
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/^ {2}COMPLETED/m);
  await splicebus.stack.idle();
}

async function byAwsCli(splicebus: Splicebus, { from, name, event, except }: Wish): Promise<void> {
  const { events } = splicebus.clients;
  const { endpointUrl, busName, accountId, region } = splicebus.stack;
  const home = `arn:aws:events:${region}:${accountId}`;
  const { Rules = [] } = await events.send(new ListRulesCommand({ EventBusName: busName }));
  const FilterArns = Rules.filter(({ EventPattern }) =>
    event ? EventPattern!.includes(event) : !EventPattern!.includes(except!),
  ).map(({ Arn }) => Arn!);
  const destination = {
    Arn: `${home}:event-bus/${busName}`,
    ...((event || except) && { FilterArns }),
  };
  await awsCli(endpointUrl, [
    ...['events', 'start-replay', '--replay-name', name],
    ...['--event-source-arn', `${home}:archive/${busName}`],
    ...['--event-start-time', from, '--event-end-time', new Date().toISOString()],
    ...['--destination', JSON.stringify(destination)],
  ]);
  await splicebus.replayed(name);
}
