"""Made duckdb.parquet (DuckDB 2.0, the footer is encrypted) and pyarrow.parquet (PyArrow 26, a column is)."""

import base64

import duckdb
import pyarrow
import pyarrow.parquet
import pyarrow.parquet.encryption as encryption

ROW = {"id": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "content": ""}

duck = duckdb.connect()
duck.execute("SET force_mbedtls_unsafe = 'true'")
duck.execute("PRAGMA add_parquet_key('key', '0123456789112345')")
row = ", ".join(f"'{value}' AS {name}" for name, value in ROW.items())
duck.execute(f"COPY (SELECT {row}) TO 'duckdb.parquet' (FORMAT parquet, ENCRYPTION_CONFIG {{footer_key: 'key'}})")


class Keys(encryption.KmsClient):
    def __init__(self, config):
        super().__init__()

    def wrap_key(self, key, name):
        return base64.b64encode(key)

    def unwrap_key(self, key, name):
        return base64.b64decode(key)


table = pyarrow.table({name: [value] for name, value in ROW.items()})
how = encryption.EncryptionConfiguration(footer_key="f", column_keys={"c": ["content"]}, plaintext_footer=True)
with pyarrow.parquet.ParquetWriter(
    "pyarrow.parquet",
    table.schema,
    encryption_properties=encryption.CryptoFactory(Keys).file_encryption_properties(
        encryption.KmsConnectionConfig(), how
    ),
    store_schema=False,
    write_statistics=False,
) as writer:
    writer.write_table(table)
