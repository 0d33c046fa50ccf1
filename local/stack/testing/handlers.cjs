// The functions of the fixture templates. They call AWS by hand, to need nothing but Node.js.
const { env } = process;

/**
 * @param {string} service signing name
 * @param {string} path
 * @param {{ method: string, headers?: Record<string, string>, body: string }} init
 */
async function call(service, path, init) {
  const scope = `${env.AWS_ACCESS_KEY_ID}/20260101/${env.AWS_REGION}/${service}/aws4_request`;
  const response = await fetch(env.AWS_ENDPOINT_URL + path, {
    ...init,
    headers: {
      ...init.headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
      'x-amz-date': '20260101T000000Z',
    },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
}

/**
 * @param {string} pk
 * @param {string} sk
 */
function putItem(pk, sk) {
  return call('dynamodb', '/', {
    method: 'POST',
    headers: {
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      'content-type': 'application/x-amz-json-1.0',
    },
    body: JSON.stringify({ TableName: env.TABLE_NAME, Item: { pk: { S: pk }, sk: { S: sk } } }),
  });
}

module.exports = {
  /**
   * Writes an item and an object.
   * @param {{ detail: { id: string } }} event
   */
  async record({ detail }) {
    await putItem(detail.id, 'note');
    await call('s3', `/${env.BUCKET_NAME}/notes/${detail.id}.txt`, {
      method: 'PUT',
      body: detail.id,
    });
  },
  /**
   * Notes that an object was created.
   * @param {{ detail: { object: { key: string } } }} event
   */
  async object({ detail }) {
    await putItem(detail.object.key, 'object');
  },
  /**
   * Answers with the event.
   * @param {object} event
   */
  async echo(event) {
    return { event };
  },
  /** Does what its role does not allow. */
  async greedy() {
    await putItem('greedy', 'note');
  },
  /**
   * Takes dead letters.
   * @param {import('aws-lambda').SQSEvent} event
   */
  async letter({ Records }) {
    for (const { body, messageAttributes } of Records) {
      await putItem(
        JSON.parse(body).detail.id,
        messageAttributes.ERROR_CODE?.stringValue ?? 'none',
      );
    }
  },
};
