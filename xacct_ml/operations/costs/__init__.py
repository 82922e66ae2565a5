"""What the project costs, as far as AWS's list prices are known: once a month, and a run of each pipeline"""
