import type { JsonOperation } from '../gateway/json-service.ts';
import { numberedList, type QueryOperation, type XmlValue } from '../gateway/query-service.ts';
import { AwsError } from '../gateway/service.ts';

/**
 * SQS as clients before 2023 speak it (Debian's AWS CLI 2.9 is one): the same operations, their
 * parameters flattened into a form, their results written as flattened XML lists.
 */
export function asQueryOperations(
  operations: Readonly<Record<string, JsonOperation>>,
): Record<string, QueryOperation> {
  return Object.fromEntries(
    Object.entries(operations).map(([action, operation]): [string, QueryOperation] => [
      action,
      async (parameters, call) => {
        try {
          return toXml((await operation(toInput(action, parameters), call)) as Output);
        } catch (error) {
          throw withQueryCode(error);
        }
      },
    ]),
  );
}

const numbers = new Set([
  'DelaySeconds',
  'MaxNumberOfMessages',
  'VisibilityTimeout',
  'WaitTimeSeconds',
]);

const lists: Readonly<Record<string, string>> = {
  AttributeName: 'AttributeNames',
  MessageAttributeName: 'MessageAttributeNames',
  MessageSystemAttributeName: 'MessageSystemAttributeNames',
};

function toInput(action: string, parameters: URLSearchParams): object {
  const input: Record<string, unknown> = members(Object.fromEntries(parameters));
  for (const [singular, plural] of Object.entries(lists)) {
    input[plural] = numberedList(parameters, singular).map((entry) => entry['']);
  }
  if (action.endsWith('Batch')) {
    input.Entries = numberedList(parameters, `${action}RequestEntry`).map(members);
  }
  return input;
}

/** The plain members of a structure, its numbers as numbers, its message attributes as a map. */
function members(flat: Readonly<Record<string, string>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(flat)) {
    if (!name.includes('.')) result[name] = numbers.has(name) ? Number(value) : value;
  }
  for (const [singular, plural] of [
    ['MessageAttribute', 'MessageAttributes'],
    ['MessageSystemAttribute', 'MessageSystemAttributes'],
  ] as const) {
    const entries = numberedList(new URLSearchParams(flat), singular);
    result[plural] = Object.fromEntries(
      entries.map((entry) => [
        entry.Name,
        {
          DataType: entry['Value.DataType'],
          StringValue: entry['Value.StringValue'],
          BinaryValue: entry['Value.BinaryValue'],
        },
      ]),
    );
  }
  return result;
}

type Output = Readonly<Record<string, unknown>>;

/** Lists become repeated elements named in the singular, maps repeated name/value pairs. */
function toXml(output: Output): XmlValue {
  const result: Record<string, XmlValue> = {};
  for (const [name, value] of Object.entries(output)) {
    switch (name) {
      case 'QueueUrls':
        result.QueueUrl = value as string[];
        break;
      case 'Messages':
        result.Message = (value as Output[]).map(toXml);
        break;
      case 'Attributes':
        result.Attribute = pairs(value as Output);
        break;
      case 'MessageAttributes':
        result.MessageAttribute = pairs(value as Output);
        break;
      case 'Successful':
        result[entryName(value as Output[])] = (value as Output[]).map(toXml);
        break;
      case 'Failed':
        result.BatchResultErrorEntry = (value as Output[]).map(toXml);
        break;
      default:
        result[name] = value as XmlValue;
    }
  }
  return result;
}

function pairs(map: Output): XmlValue[] {
  return Object.entries(map).map(([Name, Value]) => ({ Name, Value: Value as XmlValue }));
}

function entryName(entries: readonly Output[]): string {
  return entries.some((entry) => 'MessageId' in entry)
    ? 'SendMessageBatchResultEntry'
    : 'DeleteMessageBatchResultEntry';
}

/** The older protocol has longer names for the same errors. */
function withQueryCode(error: unknown): unknown {
  if (!(error instanceof AwsError)) return error;
  const codes: Readonly<Record<string, string>> = {
    QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
    MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  };
  const code = Object.hasOwn(codes, error.code) ? codes[error.code] : undefined;
  return code ? new AwsError(code, error.message, error.statusCode) : error;
}
