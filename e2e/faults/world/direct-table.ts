import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AwsService } from '#local/gateway/service';
import { ask, UNSIGNED } from './without-sockets.ts';

type Fields = Record<string, unknown>;

/**
 * Asks the embedded table what the document client is asked. Most of the time of a call is the SDK's own, for
 * signing, retrying and the like: thousands of runs do without it.
 */
export async function askTable(
  service: AwsService,
  operation: string,
  input: Fields,
): Promise<{ output: Fields }> {
  const headers = { ...HEADERS, 'x-amz-target': `DynamoDB_20120810.${operation}` };
  const content = Buffer.from(JSON.stringify(changed(input, TO_MARSHALL, toAttributes)));
  const { statusCode, text } = await ask(service, { method: 'POST', url: '/', headers, content });
  const answer = JSON.parse(text) as Fields;
  if (statusCode !== 200) throw errorOf(answer);
  return { output: changed(answer, TO_UNMARSHALL, fromAttributes) };
}

const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  ...UNSIGNED,
};

const TO_MARSHALL = ['Key', 'Item', 'ExpressionAttributeValues', 'ExclusiveStartKey'];
const TO_UNMARSHALL = ['Item', 'Attributes', 'Items', 'LastEvaluatedKey'];

const toAttributes = (value: unknown) => marshall(value, { removeUndefinedValues: true });

const fromAttributes = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(fromAttributes)
    : unmarshall(value as Parameters<typeof unmarshall>[0]);

function changed(fields: Fields, names: readonly string[], change: (value: unknown) => unknown) {
  const entries = Object.entries(fields).map(([name, value]) =>
    names.includes(name) && value !== undefined ? [name, change(value)] : [name, value],
  );
  return Object.fromEntries(entries) as Fields;
}

function errorOf({ __type, message = '' }: Fields): Error {
  const name = String(__type).split('#').at(-1);
  const details = { message: String(message), $metadata: {} };
  if (name === 'ConditionalCheckFailedException') {
    return new ConditionalCheckFailedException(details);
  }
  return new Error(`${name}: ${message}`);
}
