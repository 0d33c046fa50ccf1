import { parseArgs } from 'node:util';
import { EVENT_CATALOGUE } from '#shared/events/catalogue';
import { assertConnection } from './connection.ts';
import { inOneSentence } from './one-sentence.ts';

export const USAGE = `Puts archived events on their bus again.

Usage: npm run replay -- --from TIME [options]

  --from TIME         replay what happened since: 30m, 2h or 3d ago, or ISO 8601 such as 2026-03-01T12:00:00Z
  --to TIME           … and until then (default now)
  --event TYPE        only to the rules that wait for this event, e.g. "SegmentRequested"; repeat for more
  --except TYPE       to all rules but those that wait for this event; repeat for more
  --dry-run           start nothing, and list what would happen to each execution
  --name NAME         of the replay, new each time (default replay-<now>)
  --stage STAGE       (default dev)

  --endpoint-url URL  of the stack of npm start, where that is not on the usual port of this machine
  --aws               in AWS, even while npm start serves from this directory
  --region REGION     (default the SDK's)
  --help              this text

Without --endpoint-url and --aws it talks to the stack that npm start serves from this directory; if none
does, to AWS, with the credentials and the region that the SDK finds. Its first line says which.
Ctrl-C ends the waiting, not the replay.`;

export interface ReplayOptions {
  /** Milliseconds since 1970, a whole second: events have no finer time. */
  fromMs: number;
  toMs: number;
  /** Detail-types; at most one of the two lists has any. */
  only: string[];
  except: string[];
  dryRun: boolean;
  name: string;
  stage: string;
  endpointUrl?: string;
  aws: boolean;
  region?: string;
}

export type ReplayCommand = ReplayOptions | { help: true } | { problem: string };

const DETAIL_TYPES = EVENT_CATALOGUE.map(({ detailType }) => detailType);
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns the options, or what is wrong with them */
export function parseReplayOptions(args: readonly string[], nowMs = Date.now()): ReplayCommand {
  try {
    const values = inOneSentence(() => parse(args));
    return values.help ? { help: true } : check(values, nowMs);
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function parse(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      from: { type: 'string' },
      to: { type: 'string', default: 'now' },
      event: { type: 'string', multiple: true, default: [] },
      except: { type: 'string', multiple: true, default: [] },
      'dry-run': { type: 'boolean', default: false },
      name: { type: 'string' },
      stage: { type: 'string', default: 'dev' },
      'endpoint-url': { type: 'string' },
      aws: { type: 'boolean', default: false },
      region: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

/** @throws Error in a sentence */
function check(values: ReturnType<typeof parse>, nowMs: number): ReplayOptions {
  if (values.from === undefined) throw new Error('Say since when: --from 2h');
  const fromMs = Math.floor(timeOf('--from', values.from, nowMs) / 1000) * 1000;
  const toMs = timeOf('--to', values.to, nowMs);
  if (fromMs >= toMs) throw new Error('--from must be earlier than --to.');
  const { event: only, except, aws, stage, region, 'endpoint-url': endpointUrl } = values;
  for (const type of [...only, ...except]) {
    if (!DETAIL_TYPES.includes(type)) {
      throw new Error(`There is no event "${type}". There are: ${DETAIL_TYPES.join(', ')}.`);
    }
  }
  if (only.length > 0 && except.length > 0) {
    throw new Error('Give either --event or --except, not both.');
  }
  assertConnection({ aws, endpointUrl });
  const name = values.name ?? `replay-${new Date(nowMs).toISOString().replaceAll(':', '-')}`;
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) {
    throw new Error('--name takes up to 64 letters, digits, ".", "-" and "_".');
  }
  const dryRun = values['dry-run'];
  return { fromMs, toMs, only, except, dryRun, name, stage, endpointUrl, aws, region };
}

/** `now`, a time ago such as `2h`, or ISO 8601; a time of day must tell its zone. */
function timeOf(option: string, text: string, nowMs: number): number {
  if (text === 'now') return nowMs;
  const ago = /^(\d+)([mhd])$/.exec(text);
  if (ago) return nowMs - Number(ago[1]) * UNIT_MS[ago[2] as keyof typeof UNIT_MS];
  const isIso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const timeMs = isIso ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(timeMs)) return timeMs;
  throw new Error(
    `${option} takes 30m, 2h, 3d, now or a time such as 2026-03-01T12:00:00Z, not "${text}".`,
  );
}
