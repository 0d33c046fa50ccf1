import { GetCommand, paginateQuery, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { TableKey } from '#shared/keys';
import type { Target } from './target.ts';

/** @returns `undefined` where there is no such item */
export async function readItem<Item>(
  { dynamodb, name }: Target,
  key: TableKey,
): Promise<Item | undefined> {
  const { Item } = await dynamodb.send(
    new GetCommand({ TableName: name, Key: { ...key }, ConsistentRead: true }),
  );
  return Item as Item | undefined;
}

/** All items that a query finds. */
export async function* queryItems<Item>(
  { dynamodb, name }: Target,
  query: Omit<QueryCommandInput, 'TableName'>,
): AsyncGenerator<Item> {
  for await (const page of paginateQuery({ client: dynamodb }, { TableName: name, ...query })) {
    for (const item of page.Items ?? []) yield item as Item;
  }
}
