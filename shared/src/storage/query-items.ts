import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import { dynamodb } from '../aws/dynamodb.ts';
import { environment } from '../environment.ts';

/** Reads all items of a partition whose sort keys have a prefix, as the last write left them. */
export async function queryItems<Item>(pk: string, sortPrefix: string): Promise<Item[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: environment.tableName(),
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': pk, ':prefix': sortPrefix },
    },
  );
  const items: Item[] = [];
  for await (const { Items = [] } of pages) items.push(...(Items as Item[]));
  return items;
}
