"""Keys of the corrected moto say what AWS's say."""

from __future__ import annotations

from root_usage_alarm.local_aws import Account


def test_every_key_says_what_it_is_for(account: Account) -> None:
    kms = account.client("kms")

    made = [kms.create_key(), kms.create_key(KeyUsage="GENERATE_VERIFY_MAC", KeySpec="HMAC_256")]

    shown = [kms.describe_key(KeyId=each["KeyMetadata"]["KeyId"])["KeyMetadata"] for each in made]
    assert [each["KeyUsage"] for each in shown] == ["ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC"]
