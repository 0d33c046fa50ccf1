import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ReplayOptions } from './options.ts';

/** Where `npm start` serves unless it is told otherwise. */
export const LOCAL_ENDPOINT_URL = 'http://127.0.0.1:4580';
const LOCAL_STATE = '.splicebus';
const LOCAL_REGION = 'us-east-1';

/** One deployment of Splicebus, and who talks to it. */
export interface Target {
  /** For people: what it is and where. */
  description: string;
  isAws: boolean;
  /** Bus, archive and table have the same name. */
  name: string;
  events: EventBridgeClient;
  dynamodb: DynamoDBDocumentClient;
}

/** The stack named by the options, else the one that `npm start` serves from here, else AWS. */
export async function openTarget(options: ReplayOptions, directory: string): Promise<Target> {
  const { stage, endpointUrl, aws, region } = options;
  const endpoint = endpointUrl ?? (!aws && isServing(directory) ? LOCAL_ENDPOINT_URL : undefined);
  const config = {
    ...(endpoint && { endpoint }),
    ...(endpoint && isOnThisMachine(endpoint) && anyCredentialsWillDo),
    ...(region && { region }),
  };
  const events = new EventBridgeClient(config);
  const name = `splicebus-${stage}`;
  return {
    description: `${name} at ${endpoint ?? `AWS, ${await events.config.region()}`}`,
    isAws: endpoint === undefined,
    name,
    events,
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
  };
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
