import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where `npm start` serves unless it is told otherwise. */
export const LOCAL_ENDPOINT_URL = 'http://127.0.0.1:4580';
const LOCAL_STATE = '.splicebus';
const LOCAL_REGION = 'us-east-1';

/** Which deployment a command is for, as its options tell. */
export interface ConnectionOptions {
  endpointUrl?: string;
  aws: boolean;
  region?: string;
}

/** @throws Error in a sentence, where the options do not fit together */
export function assertConnection({ aws, endpointUrl }: ConnectionOptions): void {
  if (aws && endpointUrl) throw new Error('Give either --aws or --endpoint-url, not both.');
  if (endpointUrl && !(/^https?:/.test(endpointUrl) && URL.canParse(endpointUrl))) {
    throw new Error(
      `--endpoint-url takes a URL such as http://127.0.0.1:4580, not "${endpointUrl}".`,
    );
  }
}

/** How an SDK client talks to a deployment. */
export interface Connection {
  /** Absent: AWS. */
  endpoint?: string;
  /** For the constructor of any client. */
  clientConfig: object;
}

/** To the stack named by the options, else the one that `npm start` serves from here, else AWS. */
export function connect(options: ConnectionOptions, directory: string): Connection {
  const { endpointUrl, aws, region } = options;
  const endpoint = endpointUrl ?? (!aws && isServing(directory) ? LOCAL_ENDPOINT_URL : undefined);
  const clientConfig = {
    ...(endpoint && { endpoint }),
    ...(endpoint && isOnThisMachine(endpoint) && anyCredentialsWillDo),
    ...(region && { region }),
  };
  return { endpoint, clientConfig };
}

/** Nobody's real credentials go to a stack that does not ask for any. */
const anyCredentialsWillDo = {
  region: LOCAL_REGION,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

const isOnThisMachine = (endpoint: string) =>
  ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname);

/** Whether a stack runs on the state directory: its lock names a process that lives. */
function isServing(directory: string): boolean {
  try {
    const pid = Number(readFileSync(join(directory, LOCAL_STATE, 'lock'), 'utf8'));
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process lives all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** One line for what a user can mend; `undefined` for what only a programmer can. */
export function problemOf(error: unknown): string | undefined {
  const { name, message, code, $metadata } = Object(error) as Record<string, unknown>;
  if (code === 'ECONNREFUSED') {
    return 'Nothing answers there: start the stack, or name its address with --endpoint-url.';
  }
  if (name === 'ResourceNotFoundException') {
    return `${message} Check --stage, --region and the account: nothing is deployed under this name.`;
  }
  if (message === 'Region is missing') return 'Which region? Give --region, or set AWS_REGION.';
  const isKnown = $metadata || name === 'CredentialsProviderError';
  return isKnown ? `${name}: ${message}` : undefined;
}
