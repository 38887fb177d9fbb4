"""What a person enters when Render asks for it, and what Render makes up."""

ANSWERS = {"SNAPSHOT_TOKEN": "a-token", "GCS_BUCKET_NAME": "bucket", "GCP_PROJECT_ID": "project"}
GENERATED = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="  # 256 bits in base64
