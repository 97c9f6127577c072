import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { notFound } from 'next/navigation';
import { TicketButton } from '#components/approvals';
import { KeyList } from '#components/people';
import {
  Appearance,
  GatewayCard,
  ProductionKeysCard,
  readTheme,
  SessionList,
  THEME_COOKIE,
} from '#components/settings';
import { SignOut } from '#components/shell';
import { Card, PageHeader, VisibleText } from '#components/ui';
import { readGateway, readProductionKeys, readSettings } from '#lib/console';
import { requireViewer } from '../../session';

export const metadata: Metadata = { title: 'Settings' };

export default async function SettingsPage() {
  const viewer = await requireViewer();
  const [settings, production, gateway, jar] = await Promise.all([
    readSettings(viewer),
    readProductionKeys(viewer),
    readGateway(viewer),
    cookies(),
  ]);
  if (settings === null) notFound();
  const { human, sessions } = settings;
  return (
    <>
      <PageHeader
        title="Settings"
        lead={
          <>
            <VisibleText>{human.name}</VisibleText>, <VisibleText>{human.email}</VisibleText>, {human.role}
          </>
        }
        action={<SignOut />}
      />
      <div className="space-y-4">
        <Card
          id="keys"
          title="Your keys"
          note="Approving takes a hardware key. Have two: one can get lost."
          action={
            <TicketButton tone="primary" ticket={{ kind: 'key.enroll', params: {} }}>
              Add a key
            </TicketButton>
          }
        >
          <div className="p-4">
            <KeyList
              keys={human.keys}
              mayDisable={viewer.role === 'owner'}
              acceptsClaimed={production?.acceptsClaimed === true}
            />
          </div>
        </Card>
        {production === null ? null : (
          <ProductionKeysCard production={production} mayDecide={viewer.role === 'owner'} />
        )}
        <Card title="Where you are signed in" note="A session lasts 12 hours at most, one hour unused.">
          <SessionList sessions={sessions} />
        </Card>
        {gateway === null ? null : <GatewayCard gateway={gateway} />}
        <Card title="Appearance">
          <div className="p-4">
            <Appearance theme={readTheme(jar.get(THEME_COOKIE)?.value)} />
          </div>
        </Card>
        <Card title="For agents and tools">
          <p className="p-4 text-sm">
            <a className="link" href="/docs/api">
              The REST interface
            </a>
            , readable and as OpenAPI.
          </p>
        </Card>
      </div>
    </>
  );
}
