import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DeleteCommandInput,
  GetCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { dynamodb } from '../aws/dynamodb.ts';
import { environment } from '../environment.ts';
import type { TableKey } from '../keys.ts';

/** Reads an item as the last write left it. @returns `undefined` where there is none */
export async function getItem<Item>(key: TableKey): Promise<Item | undefined> {
  const { Item } = await dynamodb.send(
    new GetCommand({ TableName: environment.tableName(), Key: key, ConsistentRead: true }),
  );
  return Item as Item | undefined;
}

/** An update of one item, apart from where it is. */
export type ItemUpdate = Pick<
  UpdateCommandInput,
  | 'UpdateExpression'
  | 'ConditionExpression'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
>;

/**
 * Updates an item in one atomic step.
 * @returns the item afterwards, or `undefined` where its condition did not hold
 */
export async function updateItem<Item>(
  key: TableKey,
  change: ItemUpdate,
): Promise<Item | undefined> {
  try {
    const { Attributes } = await dynamodb.send(
      new UpdateCommand({
        TableName: environment.tableName(),
        Key: key,
        ...change,
        ReturnValues: 'ALL_NEW',
      }),
    );
    return Attributes as Item;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** When an item may be deleted. */
export type DeleteCondition = Pick<
  DeleteCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** Deletes an item, unless its condition does not hold. */
export async function deleteItem(key: TableKey, condition: DeleteCondition): Promise<void> {
  try {
    await dynamodb.send(
      new DeleteCommand({ TableName: environment.tableName(), Key: key, ...condition }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
