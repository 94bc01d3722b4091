/** Other prices of the house. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { changePricesMutation } from '../../api/costs_documents';
import type { DevicePrice, Prices, PricesVersion } from '../../api/costs_types';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { useToast } from '../../components/toast';
import { AmountInput, EnteredInput } from './entered_input';

interface PricesFormProps {
  inForce: PricesVersion;
  onClose: () => void;
}

export function PricesForm({ inForce, onClose }: PricesFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const toast = useToast();
  const [prices, setPrices] = useState<Prices>(inForce.prices);
  const edit = (changed: Partial<Prices>) => setPrices((now) => ({ ...now, ...changed }));
  const change = useMutation({
    mutationFn: (reason: string) =>
      ask(changePricesMutation, { input: { prices, reason, follows: inForce.version } }),
    onSuccess: ({ changePrices: { version } }) => {
      if (!version) return;
      toast(t('costs.saved', { version: version.version }));
      void queries.invalidateQueries({ queryKey: ['economics'] });
      onClose();
    },
  });
  const editDevice = (at: number, changed: Partial<DevicePrice>) =>
    edit({ devices: prices.devices.map((one, i) => (i === at ? { ...one, ...changed } : one)) });
  const refusal = change.data?.changePrices.refusal;
  return (
    <div className="note">
      <div className="fields">
        <label>
          {t('costs.currency')}
          <input
            value={prices.currency}
            maxLength={3}
            onChange={(event) => edit({ currency: event.target.value.trim().toUpperCase() })}
          />
        </label>
        <EnteredInput
          label={t('costs.readerHour')}
          value={prices.readerHour}
          onChange={(readerHour) => edit({ readerHour })}
        />
        <EnteredInput
          label={t('costs.storageGb')}
          value={prices.storageGbMonth}
          onChange={(storageGbMonth) => edit({ storageGbMonth })}
        />
        <AmountInput
          label={t('costs.storageMonths')}
          value={prices.storageMonths}
          onChange={(months) => edit({ storageMonths: months ?? Number.NaN })}
        />
        <EnteredInput
          label={t('costs.otherDeviceHour')}
          value={prices.otherDeviceHour}
          onChange={(otherDeviceHour) => edit({ otherDeviceHour })}
        />
      </div>
      {prices.devices.map(({ device, hour }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a device has no other identity while its name is typed
        <div className="fields" key={at}>
          <label>
            {t('costs.deviceName')}
            <input
              value={device}
              onChange={(event) => editDevice(at, { device: event.target.value })}
            />
          </label>
          <EnteredInput
            label={t('costs.hour')}
            value={hour}
            onChange={(changed) => editDevice(at, { hour: changed })}
          />
          <button
            type="button"
            className="quiet"
            aria-label={t('costs.remove', { name: device })}
            onClick={() => edit({ devices: prices.devices.filter((_, i) => i !== at) })}
          >
            ×
          </button>
        </div>
      ))}
      <button
        type="button"
        onClick={() =>
          edit({
            devices: [...prices.devices, { device: '', hour: { amount: 0, known: 'ESTIMATED' } }],
          })
        }
      >
        {t('costs.addDevice')}
      </button>
      <ReasonForm
        label={t('stopRules.reason')}
        action={t('stopRules.save')}
        pending={change.isPending}
        onAct={(reason) => change.mutate(reason)}
        onClose={onClose}
      >
        {refusal && <RefusalNote refusal={refusal} />}
        {change.isError && <Fault error={change.error} onRetry={() => change.reset()} />}
      </ReasonForm>
    </div>
  );
}
