import Table from 'cli-table3';
import { RETENTION_DAYS } from '#shared/retention';
import { findExecutions } from './executions.ts';
import type { ReplayOptions } from './options.ts';
import { planReplay } from './plan.ts';
import type { Target } from './target.ts';

const MAX_LINES = 5;
const DAY_MS = 86_400_000;

/**
 * Tells what a replay would do, and changes nothing.
 * @param brings whether the replay brings events of a detail-type to who works on them
 */
export async function dryRun(
  target: Target,
  options: ReplayOptions,
  brings: (detailType: string) => boolean,
): Promise<string> {
  const executions = await findExecutions(target, options);
  const table = new Table({
    head: ['execution', 'began', 'episode', 'status', 'would', 'what'],
    style: { head: [], border: [], compact: true },
  });
  const counts = new Map<string, number>();
  for (const execution of executions) {
    const { executionId, executionStartedAt, episodeId = '–', status } = execution.record;
    const { would, what } = planReplay(execution, brings);
    counts.set(would, (counts.get(would) ?? 0) + 1);
    table.push([executionId, executionStartedAt, episodeId, status, would, linesOf(what)]);
  }
  const summary = [...counts].map(([would, count]) => `${count} ${would}`);
  return [
    ...(executions.length > 0 ? [table.toString()] : []),
    `Executions that began then: ${summary.join(', ') || 'none'}. Nothing was started.`,
    ...(isForgotten(options) ? [FORGOTTEN] : []),
  ].join('\n');
}

function linesOf(what: readonly string[]): string {
  const more = what.length - MAX_LINES;
  return [...what.slice(0, MAX_LINES), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

const isForgotten = ({ fromMs }: ReplayOptions) => fromMs < Date.now() - RETENTION_DAYS * DAY_MS;

const FORGOTTEN = `Executions are kept for ${RETENTION_DAYS} days: those before are not listed, and their events would be worked on anew.`;
