import { parseArgs } from 'node:util';
import { assertConnection, type ConnectionOptions } from '../replay/connection.ts';
import { inOneSentence } from '../replay/one-sentence.ts';
import { type Moment, readMoments } from './moments.ts';

export const USAGE = `Makes audio clips before somebody asks for them.

Usage: npm run audio:warm -- --tenant TENANT --episode EPISODE --moments MOMENTS [options]

  --tenant TENANT     whose episode it is
  --episode EPISODE   what the clips are cut from
  --moments MOMENTS   START-END in milliseconds, separated by commas: 60000-90000,754500-762000;
                      or a JSON file: [{ "startMs": 60000, "endMs": 90000 }, …]
  --stage STAGE       (default dev)

  --endpoint-url URL  of the stack of npm start, where that is not on the usual port of this machine
  --aws               in AWS, even while npm start serves from this directory
  --region REGION     (default the SDK's)
  --help              this text

Without --endpoint-url and --aws it talks to the stack that npm start serves from this directory; if none
does, to AWS, with the credentials and the region that the SDK finds. Its first line says which.
Clips that are there already are left as they are. It fails where one of them could not be made.`;

export interface WarmOptions extends ConnectionOptions {
  tenantId: string;
  episodeId: string;
  moments: Moment[];
  stage: string;
}

export type WarmCommand = WarmOptions | { help: true } | { problem: string };

/** @returns the options, or what is wrong with them */
export function parseWarmOptions(args: readonly string[]): WarmCommand {
  try {
    const values = inOneSentence(() => parse(args));
    return values.help ? { help: true } : check(values);
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function parse(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tenant: { type: 'string' },
      episode: { type: 'string' },
      moments: { type: 'string' },
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
function check(values: ReturnType<typeof parse>): WarmOptions {
  const { tenant, episode, moments, stage, aws, region, 'endpoint-url': endpointUrl } = values;
  if (!tenant || !episode || !moments) {
    throw new Error(
      'Say whose episode and which moments: --tenant T --episode E --moments 0-30000',
    );
  }
  assertConnection({ aws, endpointUrl });
  const ids = { tenantId: tenant, episodeId: episode };
  return { ...ids, moments: readMoments(moments), stage, aws, endpointUrl, region };
}
