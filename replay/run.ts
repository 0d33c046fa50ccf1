import { replayArchive } from './archive-replay.ts';
import { problemOf } from './connection.ts';
import { dryRun } from './dry-run.ts';
import { parseReplayOptions, type ReplayOptions, USAGE } from './options.ts';
import { brings, chooseRules, listRules, type ReplayRule } from './rules.ts';
import { openTarget } from './target.ts';

// npm run replay -- --from TIME: see USAGE

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const ARCHIVE_DELAY_MS = 600_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const command = parseReplayOptions(args);
  if ('problem' in command) {
    console.error(`${command.problem} See npm run replay -- --help`);
    return EXIT_USAGE;
  }
  if ('help' in command) {
    console.log(USAGE);
    return 0;
  }
  try {
    return await replay(command);
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    console.error(problem);
    return EXIT_FAILED;
  }
}

async function replay(options: ReplayOptions): Promise<number> {
  const target = await openTarget(options, process.cwd());
  const rules = await listRules(target.events, target.name);
  const chosen = chooseRules(rules, options);
  // Without any, EventBridge would take the replay for one to all rules.
  if (chosen?.length === 0) {
    console.error(`No rule of ${target.name} is left that waits for these events.`);
    return EXIT_FAILED;
  }
  console.log(describe(options, target.description, rules, chosen));
  if (options.dryRun) {
    console.log(await dryRun(target, options, (type) => brings(rules, chosen ?? rules, type)));
    return 0;
  }
  if (target.isAws && options.toMs > Date.now() - ARCHIVE_DELAY_MS) {
    console.log(
      'EventBridge may take ten minutes to archive an event: the last ones may be missing.',
    );
  }
  const state = await replayArchive(target, options, chosen, (line) => console.log(`  ${line}`));
  if (state !== 'COMPLETED') return EXIT_FAILED;
  console.log(
    'All events were delivered again. To see what is left: the same command with --dry-run.',
  );
  return 0;
}

function describe(
  { name, fromMs, toMs, dryRun }: ReplayOptions,
  where: string,
  rules: readonly ReplayRule[],
  chosen: readonly ReplayRule[] | undefined,
): string {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  const what = dryRun ? 'What a replay would do' : `Replay ${name}`;
  const disabled = (chosen ?? rules).filter(({ isEnabled }) => !isEnabled);
  return [
    where,
    `${what}: events from ${from} to ${to}, to ${chosen ? 'these rules only:' : 'all rules.'}`,
    ...(chosen ?? []).map((rule) => `  ${rule.name} (${rule.waitsFor.join(', ') || 'all events'})`),
    ...disabled.map((rule) => `The rule ${rule.name} is disabled: it gets nothing.`),
  ].join('\n');
}
