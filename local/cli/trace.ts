import path from 'node:path';
import { parseArgs } from 'node:util';
import { tracesOfClip } from '../xray/clip-traces.ts';
import { readSegments } from '../xray/segment-store.ts';
import { buildTraces } from '../xray/trace.ts';
import { renderWaterfall } from '../xray/waterfall.ts';

const USAGE = `Usage: npm run trace -- <clipId> [--state DIR] [--json]

Shows what was done for a clip, and how long it took: one waterfall per trace.

  --state DIR  the state directory of the embedded stack (default .splicebus)
  --json       the traces as JSON instead
  --help       this text`;

const DEFAULT_COLUMNS = 100;

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit code: 0 found, 1 nothing found, 2 wrong usage */
async function main(args: string[]): Promise<number> {
  const command = parseCommand(args);
  if ('problem' in command) {
    console.error(`${command.problem}\n\n${USAGE}`);
    return 2;
  }
  if (command.help) {
    console.log(USAGE);
    return 0;
  }
  const { clipId, stateDir, json } = command;
  const segments = await readSegments(path.join(stateDir, 'xray'));
  const traces = tracesOfClip(buildTraces(segments), clipId);
  if (traces.length === 0) {
    console.error(
      `No trace of clip ${clipId} in ${stateDir}: check the id, or name the stack's directory with --state.`,
    );
    return 1;
  }
  if (json) {
    console.log(JSON.stringify(traces, null, 2));
  } else {
    const columns = process.stdout.columns ?? DEFAULT_COLUMNS;
    const blocks = traces.map((trace) => renderWaterfall(trace, columns).join('\n'));
    console.log(blocks.join('\n\n'));
  }
  return 0;
}

type Command =
  | { help: true }
  | { help: false; clipId: string; stateDir: string; json: boolean }
  | { problem: string };

function parseCommand(args: string[]): Command {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        state: { type: 'string', default: '.splicebus' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { help: true };
    const [clipId, ...others] = positionals;
    if (!clipId || others.length > 0) return { problem: 'Name exactly one clip.' };
    return { help: false, clipId, stateDir: values.state, json: values.json };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
