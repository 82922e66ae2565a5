"""boto3 clients for the accounts of a map: how they are entered, what their errors mean, what is worth asking again."""
