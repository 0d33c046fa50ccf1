import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { connect } from './connection.ts';
import type { ReplayOptions } from './options.ts';

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
  const { endpoint, clientConfig } = connect(options, directory);
  const events = new EventBridgeClient(clientConfig);
  const name = `splicebus-${options.stage}`;
  return {
    description: `${name} at ${endpoint ?? `AWS, ${await events.config.region()}`}`,
    isAws: endpoint === undefined,
    name,
    events,
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig)),
  };
}
