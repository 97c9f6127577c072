import type { Statement } from '#lib/db';
import { type Order, type OrderResult, signRecord } from '#lib/records';
import type { Gateway } from '../context';

const INSERT: Statement = {
  name: 'orders_result',
  text: `INSERT INTO order_results (order_id, grant_id, instance_id, body, signature) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (order_id) DO NOTHING`,
};

/** Leaves what came of an order for the warden, signed by this copy. The first word stands, however often it is said. */
export async function recordResult(
  { hot, vault, head }: Gateway,
  { id: orderId, grantId }: Pick<Order, 'id' | 'grantId'>,
  outcome: OrderResult['outcome'],
): Promise<void> {
  const { instance } = vault;
  const at = head.now().toISOString();
  const result: OrderResult = { orderId, grantId, instanceId: instance.id, at, outcome };
  const { body, signature } = signRecord(instance.key, 'result', result);
  await hot.rows(INSERT, [orderId, grantId, instance.id, body, signature]);
}
