import type { Statement } from '#lib/db';
import { Order, openRecord, type SignedRecord } from '#lib/records';
import type { Gateway } from '../context';

interface OrderRow extends SignedRecord {
  readonly id: string;
  readonly wanted_id: string | null;
  readonly grant_id: string;
}

const ANSWER: Statement = {
  name: 'orders_answer',
  text: 'SELECT id, wanted_id, grant_id, body, signature FROM orders WHERE wanted_id = $1 AND instance_id = $2',
};

/** Without a result: what this copy still has to do, or to say. */
const OPEN: Statement = {
  name: 'orders_open',
  text: `SELECT id, wanted_id, grant_id, body, signature FROM orders o
    WHERE instance_id = $1 AND runs AND NOT EXISTS (SELECT FROM order_results r WHERE r.order_id = o.id)
    ORDER BY created_at LIMIT 100`,
};

/** The warden's answer to a wish, or null while there is none that holds. */
export async function answerTo(gateway: Gateway, wantedId: string): Promise<Order | null> {
  const { hot, vault } = gateway;
  const [row] = await hot.rows<OrderRow>(ANSWER, [wantedId, vault.instance.id]);
  return row === undefined ? null : opened(gateway, row);
}

/** Orders for this copy without a result. */
export async function openOrders(gateway: Gateway): Promise<Order[]> {
  const { hot, vault } = gateway;
  const rows = await hot.rows<OrderRow>(OPEN, [vault.instance.id]);
  return rows.map((row) => opened(gateway, row)).filter((order) => order !== null);
}

/** By the warden, for this copy, and what its row says it is. */
function opened({ vault, alarms }: Gateway, row: OrderRow): Order | null {
  const { body, signature } = row;
  const order = openRecord(vault.wardenPublicKey, 'order', Order, { body, signature });
  if (order !== null && isOf(order, row) && order.instanceId === vault.instance.id) return order;
  alarms.raise(
    'tampering',
    `Order ${row.id} in the database is not one that the warden signed for this copy. It is not run.`,
  );
  return null;
}

const isOf = (order: Order, { id, wanted_id: wantedId, grant_id: grantId }: OrderRow): boolean =>
  order.id === id && order.wantedId === wantedId && order.grantId === grantId;
