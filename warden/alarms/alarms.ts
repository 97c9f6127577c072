import type { Alarm as Said, Alarms as Saying } from '#lib/process';

/** What the console's banner shouts. One alarm a code; the text says what to do. */
export type AlarmCode =
  | 'chain_broken'
  | 'projection_differs'
  | 'clock_skew'
  | 'still_live'
  | 'rows_held'
  | 'put_back_held'
  | 'target_unreachable'
  | 'orphan_credential'
  | 'tampering'
  | 'gateway_key_differs'
  | 'key_retired'
  | 'recovery_begun'
  | 'maker_roots_refused'
  | 'fido_metadata_refused'
  | 'fido_metadata_old'
  | GatewayAlarmCode;

/** What the gateway says of itself and of its providers. Only the warden writes what the console shows. */
export type GatewayAlarmCode =
  | 'gateway_tampering'
  | 'gateway_head_refused'
  | 'gateway_secret_leaked'
  | 'gateway_target_unreachable';

export type Alarm = Said<AlarmCode>;
export type Alarms = Saying<AlarmCode>;
